/**
 * A point where everybody waits until all have come.
 *
 * @param signal lets those go who wait, as nobody else will come
 */
export function meeting(count: number, signal: AbortSignal): () => Promise<void> {
  let expected = count;
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  signal.addEventListener("abort", open, { once: true });
  return () => {
    expected -= 1;
    if (expected === 0) open();
    return opened;
  };
}
