/** What a function was called with, where null counts as left out. */
type Given<T> = { [K in keyof T]: null extends T[K] ? Exclude<T[K], null> | undefined : T[K] };

/** Arguments as the rest of the code takes them: a caller may write null for what may be left out. */
export function given<T extends object>(args: T): Given<T> {
  return Object.fromEntries(
    Object.entries(args).map(([name, value]: [string, unknown]) => [name, value ?? undefined]),
  ) as Given<T>;
}
