/** What the engine tells of its work while it happens. */
export type ProgressEvent =
  | { kind: "start"; id: number; name: string; at: number }
  | { kind: "log"; id: number | null; text: string; at: number; said?: true }
  | {
      kind: "end";
      id: number;
      name: string;
      at: number;
      ms: number;
      cached: boolean;
      error?: string;
    };

export type ProgressListener = (event: ProgressEvent) => void;

/** One piece of work under way. */
export interface Task {
  log(text: string): void;
  /** Like `log`, for what people are meant to read while it goes on. */
  say(text: string): void;
  /** Says that the result came from the cache. */
  cached(): void;
}

/** Fans progress out to whoever shows it; costs nothing when nobody does. */
export class Progress {
  readonly #listeners = new Set<ProgressListener>();
  #next = 1;

  constructor(private readonly scrub: (text: string) => string) {}

  listen(listener: ProgressListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A line that belongs to no task, such as a stand-in announcement. */
  log(text: string): void {
    this.#emit({ kind: "log", id: null, text: this.scrub(text), at: Date.now() });
  }

  async task<T>(name: string, work: (task: Task) => Promise<T>): Promise<T> {
    const id = this.#next++;
    const started = Date.now();
    const shown = oneLine(this.scrub(name));
    let cached = false;
    this.#emit({ kind: "start", id, name: shown, at: started });
    const end = (error?: string) => {
      const at = Date.now();
      this.#emit({ kind: "end", id, name: shown, at, ms: at - started, cached, error });
    };
    try {
      const result = await work({
        log: (text) => this.#emit({ kind: "log", id, text: this.scrub(text), at: Date.now() }),
        say: (text) =>
          this.#emit({ kind: "log", id, text: this.scrub(text), at: Date.now(), said: true }),
        cached: () => (cached = true),
      });
      end();
      return result;
    } catch (error) {
      end(this.scrub(error instanceof Error ? error.message : String(error)));
      throw error;
    }
  }

  #emit(event: ProgressEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

const LONGEST_NAME = 100;

/** Scripts of several lines are names of tasks, too. */
function oneLine(name: string): string {
  const line = name.replaceAll(/\s+/g, " ");
  return line.length > LONGEST_NAME ? `${line.slice(0, LONGEST_NAME - 1)}…` : line;
}
