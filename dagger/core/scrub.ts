/** Replaces every secret seen so far by `***`, in the forms in which secrets leak. */
export class Scrubber {
  readonly #forms = new Set<string>();

  /** Remembers a plaintext. Values shorter than 3 characters would mangle ordinary output and are skipped. */
  add(plaintext: string): void {
    for (const value of [plaintext, plaintext.trim()]) {
      if (value.length < 3) continue;
      this.#forms.add(value);
      this.#forms.add(JSON.stringify(value).slice(1, -1));
      this.#forms.add(encodeURIComponent(value));
      const base64 = Buffer.from(value).toString("base64").replace(/=+$/, "");
      if (base64.length >= 8) this.#forms.add(base64);
    }
  }

  get empty(): boolean {
    return this.#forms.size === 0;
  }

  /** Longest first, so that a secret that contains another one leaves no remainder. */
  scrub(text: string): string {
    let result = text;
    for (const form of [...this.#forms].sort((a, b) => b.length - a.length)) {
      result = result.replaceAll(form, "***");
    }
    return result;
  }
}
