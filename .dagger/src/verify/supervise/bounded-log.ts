/** How much of one container's output is kept, at its begin and at its end; bytes. */
const KEPT_BYTES = 512 * 1024;

/**
 * The output of a container: its first and its last bytes. A service that floods its log costs
 * no more memory than this; how much was left out between the two is known.
 */
export class BoundedLog {
  readonly #head: Buffer[] = [];
  #headBytes = 0;
  #tail: Buffer[] = [];
  #tailBytes = 0;
  #omitted = 0;

  /** @param kept bytes kept at each end, default 512 KiB */
  constructor(private readonly kept = KEPT_BYTES) {}

  /** Bytes that were left out between the begin and the end. */
  get omittedBytes(): number {
    return this.#omitted;
  }

  append(bytes: Buffer): void {
    const room = this.kept - this.#headBytes;
    if (room > 0) {
      this.#head.push(bytes.subarray(0, room));
      this.#headBytes += Math.min(room, bytes.length);
    }
    if (bytes.length > room) this.#appendToTail(bytes.subarray(Math.max(room, 0)));
  }

  #appendToTail(bytes: Buffer): void {
    this.#tail.push(bytes);
    this.#tailBytes += bytes.length;
    // Whole buffers are dropped, and only when enough has gathered: joining on each line would cost more.
    if (this.#tailBytes < 2 * this.kept) return;
    const joined = Buffer.concat(this.#tail);
    const dropped = joined.length - this.kept;
    this.#tail = [Buffer.from(joined.subarray(dropped))];
    this.#tailBytes = this.kept;
    this.#omitted += dropped;
  }

  /** The text, a line in square brackets standing for what was left out. Invalid UTF-8 is replaced. */
  text(): string {
    const head = Buffer.concat(this.#head);
    const tail = Buffer.concat(this.#tail);
    if (this.#omitted === 0) return Buffer.concat([head, tail]).toString("utf8");
    // Cut at line ends: half a line may hold half a secret, which no scrubber would recognise.
    const headEnd = head.lastIndexOf(0x0a) + 1;
    const tailStart = tail.indexOf(0x0a) + 1;
    const omitted = this.#omitted + (head.length - headEnd) + tailStart;
    return [
      head.subarray(0, headEnd).toString("utf8"),
      `[… ${omitted} bytes of output left out …]\n`,
      tail.subarray(tailStart).toString("utf8"),
    ].join("");
  }
}
