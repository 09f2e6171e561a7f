import { once } from "node:events";
import { PassThrough } from "node:stream";
import type { ContentStore } from "../../content/store.ts";
import type { Blob } from "../../content/tree.ts";

/** Output up to this size stays in memory until it ends; bytes. */
const IN_MEMORY = 1024 * 1024;

/** Takes output piece by piece and ends as a blob; a flood goes to disk at the pace of the disk. */
export class Spool {
  #pieces: Buffer[] = [];
  /** Bytes taken so far. */
  size = 0;
  #overflow: { stream: PassThrough; stored: Promise<Blob> } | undefined;

  constructor(private readonly store: ContentStore) {}

  async write(bytes: Buffer): Promise<void> {
    this.size += bytes.length;
    if (!this.#overflow) {
      // Copied: the piece is a view of a socket buffer that is much larger than it.
      this.#pieces.push(Buffer.from(bytes));
      if (this.size <= IN_MEMORY) return;
      const stream = new PassThrough();
      const stored = this.store.putStream(stream);
      stored.catch((error: unknown) => stream.destroy(error as Error));
      this.#overflow = { stream, stored };
      bytes = Buffer.concat(this.#pieces);
      this.#pieces = [];
    }
    const { stream } = this.#overflow;
    if (!stream.write(bytes)) await once(stream, "drain");
  }

  /** What was taken, as text, while it is still in memory; empty for a flood. */
  head(): string {
    return Buffer.concat(this.#pieces).toString();
  }

  async end(): Promise<Blob> {
    if (!this.#overflow) return this.store.putBytes(Buffer.concat(this.#pieces));
    this.#overflow.stream.end();
    return this.#overflow.stored;
  }

  /** Gives up what was taken. */
  abandon(): void {
    this.#pieces = [];
    this.#overflow?.stream.destroy();
  }
}
