/** Takes secrets out of bytes that come piece by piece. */
export interface OutputFilter {
  /** What is certain by now; a part that may yet turn out to be a secret is held back. */
  push(bytes: Buffer): Buffer;
  /** The rest. */
  end(): Buffer;
}

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

  scrub(text: string): string {
    return this.#forms.size === 0 ? text : text.replace(anyOf([...this.#forms]), "***");
  }

  /** For the secrets known now. */
  filter(): OutputFilter {
    // Latin 1 maps every byte to a character and back: output need not be text.
    const forms = [...this.#forms].map((form) => Buffer.from(form).toString("latin1"));
    return forms.length === 0
      ? { push: (bytes) => bytes, end: () => Buffer.alloc(0) }
      : byteFilter(forms);
  }
}

function byteFilter(forms: readonly string[]): OutputFilter {
  const pattern = anyOf(forms);
  const longest = Math.max(...forms.map((form) => form.length));
  let held = "";
  /** Everything up to `end` is settled: no secret that begins there can be incomplete. */
  const release = (end: number): Buffer => {
    let clean = "";
    let from = 0;
    for (const match of held.matchAll(pattern)) {
      if (match.index >= end) break;
      clean += `${held.slice(from, match.index)}***`;
      from = match.index + match[0].length;
    }
    const to = Math.max(from, end);
    clean += held.slice(from, to);
    held = held.slice(to);
    return Buffer.from(clean, "latin1");
  };
  return {
    push: (bytes) => {
      held += bytes.toString("latin1");
      return release(Math.max(0, held.length - longest + 1));
    },
    end: () => release(held.length),
  };
}

/** Longest first, so that a secret that begins like another one leaves no remainder. */
function anyOf(forms: readonly string[]): RegExp {
  const escaped = [...forms]
    .sort((a, b) => b.length - a.length)
    .map((form) => form.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(escaped.join("|"), "g");
}
