/** Fewer bytes than this in a whole time limit are no progress, but a trickle. */
const MIN_BYTES = 16 * 1024;

/**
 * How long to wait for somebody who sends or takes bytes. Only the time that they are waited for
 * counts; each 16 KiB give them the whole time again, so neither silence nor a trickle goes on for
 * ever.
 */
export class Patience {
  #left: number;
  #bytes = 0;
  #since = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param onOut called once, when it has run out */
  constructor(
    private readonly ms: number,
    private readonly onOut: () => void,
  ) {
    this.#left = ms;
  }

  /** From now on they are waited for. */
  start(): void {
    this.stop();
    this.#since = performance.now();
    this.#timer = setTimeout(this.onOut, this.#left);
  }

  /** They are not waited for any more, or did what they were waited for. */
  stop(bytes = 0): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#bytes += bytes;
    if (this.#bytes >= MIN_BYTES) {
      this.#bytes = 0;
      this.#left = this.ms;
    } else {
      this.#left = Math.max(0, this.#left - (performance.now() - this.#since));
    }
  }
}
