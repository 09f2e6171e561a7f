/** The last bytes of a stream of any length; says how many went before. */
export class Tail {
  #pieces: Buffer[] = [];
  #size = 0;
  #dropped = 0;

  /** `limit` in bytes. */
  constructor(private readonly limit = 8 * 1024 * 1024) {}

  write(bytes: Buffer): void {
    this.#pieces.push(Buffer.from(bytes));
    this.#size += bytes.length;
    // Trimmed in large steps: once per piece would copy the whole tail for each line of output.
    if (this.#size > 2 * this.limit) this.#trim();
  }

  text(): string {
    this.#trim();
    const text = Buffer.concat(this.#pieces).toString();
    return this.#dropped === 0 ? text : `[… ${this.#dropped} bytes dropped]\n${text}`;
  }

  #trim(): void {
    const excess = this.#size - this.limit;
    if (excess <= 0) return;
    this.#pieces = [Buffer.concat(this.#pieces).subarray(excess)];
    this.#size = this.limit;
    this.#dropped += excess;
  }
}
