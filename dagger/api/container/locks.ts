/** Serialises the users of cache volumes that are shared as `LOCKED`. */
class CacheLocks {
  readonly #tails = new Map<string, Promise<void>>();

  /** Waits for every volume; sorted order keeps two waiters from blocking each other. */
  async acquire(volumes: string[]): Promise<() => void> {
    const releases: (() => void)[] = [];
    for (const volume of [...new Set(volumes)].sort()) {
      const before = this.#tails.get(volume) ?? Promise.resolve();
      const { promise, resolve } = deferred();
      this.#tails.set(
        volume,
        before.then(() => promise),
      );
      await before;
      releases.push(resolve);
    }
    return () => releases.forEach((release) => release());
  }
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

export const cacheLocks = new CacheLocks();
