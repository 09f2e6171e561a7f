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
    return withoutAny(text, text.length, longestFirst(this.#forms)).clean;
  }
}

/**
 * Takes the secrets of one process out of its output, as a real engine does: each value that is not
 * empty, however short, as it is and without the white space around it.
 */
export function secretFilter(secrets: readonly Uint8Array[]): OutputFilter {
  // Latin 1 maps every byte to a character and back: output need not be text.
  const forms = longestFirst(
    secrets.flatMap((secret) => {
      const bytes = Buffer.from(secret);
      return [bytes, Buffer.from(bytes.toString("utf8").trim())]
        .map((form) => form.toString("latin1"))
        .filter((form) => form !== "");
    }),
  );
  let held = "";
  const release = (end: number): Buffer => {
    const { clean, rest } = withoutAny(held, end, forms);
    held = rest;
    return Buffer.from(clean, "latin1");
  };
  return {
    push: (bytes) => {
      held += bytes.toString("latin1");
      return release(certain(held, forms));
    },
    end: () => release(held.length),
  };
}

/** Up to where `text` can't be the beginning of a form that what follows completes. */
function certain(text: string, forms: readonly string[]): number {
  const longest = forms[0]?.length ?? 0;
  for (let at = Math.max(0, text.length - longest + 1); at < text.length; at++) {
    const begun = forms.some(
      (form) =>
        form.length > text.length - at && form[0] === text[at] && form.startsWith(text.slice(at)),
    );
    if (begun) return at;
  }
  return text.length;
}

/** So that a secret that begins like another one leaves no remainder. */
const longestFirst = (forms: Iterable<string>): string[] =>
  [...forms].sort((a, b) => b.length - a.length);

/**
 * Replaces each form that begins before `end`. `clean` is the text up to there, or up to where such
 * a form ends; `rest` what follows.
 */
function withoutAny(
  text: string,
  end: number,
  forms: readonly string[],
): { clean: string; rest: string } {
  const next = forms.map((form) => text.indexOf(form));
  let clean = "";
  let from = 0;
  for (;;) {
    let first = -1;
    for (const [index, form] of forms.entries()) {
      if ((next[index] as number) >= 0 && (next[index] as number) < from)
        next[index] = text.indexOf(form, from);
      const at = next[index] as number;
      if (at >= 0 && at < end && (first < 0 || at < (next[first] as number))) first = index;
    }
    if (first < 0) break;
    const at = next[first] as number;
    clean += `${text.slice(from, at)}***`;
    from = at + (forms[first] as string).length;
  }
  const to = Math.max(from, end);
  return { clean: clean + text.slice(from, to), rest: text.slice(to) };
}
