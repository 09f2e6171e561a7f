import { isFault } from "./fault.ts";

/** What an error may carry besides its message. */
export interface SluiceErrorOptions {
  /** Lines between the reason and the hint: what was seen. */
  detail?: string;
  /** The next step, as an instruction. */
  hint?: string;
  /** What led to it. */
  cause?: unknown;
}

/**
 * An error that people are meant to read. The first line of its message says what happened and
 * where; the last one, if there is a hint, what to do next. Scripts match on `code`.
 */
export class SluiceError extends Error {
  override readonly name = "SluiceError";
  readonly detail: string | undefined;
  readonly hint: string | undefined;

  /**
   * @param code stable, in upper case: `PIPELINE_INVALID`
   * @param reason what happened and where, "expected X, got Y"
   * @throws the cause, where that is a fault of this program: it is not to be taken for anything else
   */
  constructor(
    readonly code: string,
    readonly reason: string,
    { detail, hint, cause }: SluiceErrorOptions = {},
  ) {
    const [first = "", ...rest] = reason.split("\n");
    const lines = [`${first} [${code}]`, ...rest];
    if (detail?.trim()) lines.push(detail.trimEnd());
    if (hint !== undefined) lines.push(`Next: ${hint}`);
    super(lines.join("\n"), { cause });
    if (isFault(cause)) throw cause as Error;
    this.detail = detail;
    this.hint = hint;
  }
}

/** The same error, as it may be shown: without what `scrub` takes out of its texts, or its causes. */
export function scrubbed(error: unknown, scrub: (text: string) => string): unknown {
  if (!(error instanceof SluiceError)) {
    return new Error(scrub(error instanceof Error ? error.message : String(error)));
  }
  const { code, reason, detail, hint } = error;
  return new SluiceError(code, scrub(reason), {
    ...(detail === undefined ? {} : { detail: scrub(detail) }),
    ...(hint === undefined ? {} : { hint: scrub(hint) }),
  });
}

/** The first line of any error's message. */
export function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.trim().split("\n", 1)[0] ?? "";
}
