interface Ticket {
  key: string;
  start: () => void;
}

interface Level {
  running: number;
  queue: Ticket[];
}

/**
 * Bounds how many calls run at once, level by level: a call made by a function is one level deeper
 * than the function. A running call waits for deeper ones only, so no level can be starved by one
 * that waits for it, however few slots there are.
 */
export class Slots {
  readonly #levels = new Map<number, Level>();

  constructor(private readonly perLevel: number) {}

  /** Runs `work` when its level has a slot for it. */
  async use<T>(level: number, key: string, work: () => Promise<T>): Promise<T> {
    const held = await this.#take(level, key);
    try {
      return await work();
    } finally {
      held.running--;
      this.#next(held);
    }
  }

  /**
   * A function at a deeper level now waits for the call `key`, too. If that is still queued it moves
   * down to that level, or else it might wait for a slot that its own waiter holds.
   */
  raise(level: number, key: string): void {
    for (const [depth, { queue }] of this.#levels) {
      if (depth >= level) continue;
      const index = queue.findIndex((ticket) => ticket.key === key);
      const [ticket] = index < 0 ? [] : queue.splice(index, 1);
      if (!ticket) continue;
      const target = this.#level(level);
      target.queue.push(ticket);
      this.#moved.set(ticket, target);
      this.#next(target);
      return;
    }
  }

  readonly #moved = new WeakMap<Ticket, Level>();

  async #take(number: number, key: string): Promise<Level> {
    const level = this.#level(number);
    return new Promise((resolve) => {
      const ticket: Ticket = { key, start: () => resolve(this.#moved.get(ticket) ?? level) };
      level.queue.push(ticket);
      this.#next(level);
    });
  }

  #level(number: number): Level {
    let level = this.#levels.get(number);
    if (!level) this.#levels.set(number, (level = { running: 0, queue: [] }));
    return level;
  }

  #next(level: Level): void {
    if (level.running >= this.perLevel) return;
    const ticket = level.queue.shift();
    if (!ticket) return;
    level.running++;
    ticket.start();
  }
}
