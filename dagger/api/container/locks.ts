/** Who may use which cache volume now: `LOCKED` users take turns, `PRIVATE` users get one each. */
class CacheLocks {
  readonly #tails = new Map<string, Promise<void>>();
  readonly #private = new Set<string>();

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

  /** A volume that nobody else uses now: the first one, or the next free copy of it. */
  claim(volume: string): { volume: string; release: () => void } {
    let name = volume;
    for (let copy = 2; this.#private.has(name); copy++) name = `${volume}-${copy}`;
    this.#private.add(name);
    return { volume: name, release: () => this.#private.delete(name) };
  }
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

export const cacheLocks = new CacheLocks();
