import { exitMark, MARK_END } from "./scripts.ts";

/** Longest text between the mark and its end: an exit code. */
const CODE_BYTES = 3;

/**
 * Splits what the control channel hands out into the program's own output and the mark that tells
 * its exit. The mark may come in pieces; bytes that could begin one are held back until it is clear.
 */
export class OutputReader {
  readonly #mark: Buffer;
  #held: Buffer = Buffer.alloc(0);
  #ended = false;

  constructor(
    token: string,
    private readonly on: { output(bytes: Buffer): void; exit(code: number): void },
  ) {
    this.#mark = Buffer.from(exitMark(token));
  }

  /** Takes the next bytes of the channel. */
  push(chunk: Buffer): void {
    // What children of the program still write after its end belongs to the log as well.
    if (this.#ended) return this.on.output(chunk);
    const bytes = this.#held.length > 0 ? Buffer.concat([this.#held, chunk]) : chunk;
    this.#held = Buffer.alloc(0);
    const at = bytes.indexOf(this.#mark);
    if (at < 0) return this.#passOn(bytes, this.#startOfMark(bytes));
    const code = at + this.#mark.length;
    const end = bytes.indexOf(MARK_END, code);
    if (end < 0) return this.#passOn(bytes, bytes.length - code <= CODE_BYTES ? at : bytes.length);
    this.#ended = true;
    if (at > 0) this.on.output(bytes.subarray(0, at));
    this.on.exit(Number.parseInt(bytes.toString("latin1", code, end), 10));
    if (end + 1 < bytes.length) this.on.output(bytes.subarray(end + 1));
  }

  /** Hands on what was held back; for the end of the stream. */
  end(): void {
    if (this.#held.length > 0) this.on.output(this.#held);
    this.#held = Buffer.alloc(0);
  }

  #passOn(bytes: Buffer, hold: number): void {
    if (hold > 0) this.on.output(bytes.subarray(0, hold));
    this.#held = Buffer.from(bytes.subarray(hold));
  }

  /** Where a mark may begin at the very end of `bytes`; their length if nowhere. */
  #startOfMark(bytes: Buffer): number {
    const from = Math.max(0, bytes.length - this.#mark.length + 1);
    const at = bytes.indexOf(this.#mark[0] ?? 0, from);
    if (at < 0) return bytes.length;
    return bytes.subarray(at).equals(this.#mark.subarray(0, bytes.length - at)) ? at : bytes.length;
  }
}
