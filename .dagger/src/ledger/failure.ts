import { SluiceError, type SluiceErrorOptions } from "../error.ts";

/** Why the ledger did not do what was asked. */
export type LedgerErrorCode =
  /** Records do not follow on each other: one is missing, or is another than its successor names. */
  | "LEDGER_BROKEN"
  /** What lies under a record's tag is no record that this Sluice can read. */
  | "LEDGER_RECORD_INVALID"
  /** A record of another pipeline. */
  | "LEDGER_FOREIGN"
  /** Somebody else has written since the writer looked. */
  | "LEDGER_CONFLICT"
  /** The registry does not let these credentials write. */
  | "LEDGER_READ_ONLY"
  /** Written, but the registry still answers with what was there before. */
  | "LEDGER_UNCONFIRMED"
  /** A record or an attached file is larger than can be read back. */
  | "LEDGER_TOO_LARGE";

/** Where in a stream something is wrong. */
export interface LedgerPlace {
  sequence?: number;
  /** Digest that should have been there. */
  expected?: string | null;
  /** Digest that is there; null for none. */
  found?: string | null;
}

/** The ledger did not do what was asked. */
export class LedgerError extends SluiceError {
  readonly sequence: number | undefined;
  readonly expected: string | null | undefined;
  readonly found: string | null | undefined;

  constructor(
    override readonly code: LedgerErrorCode,
    reason: string,
    { sequence, expected, found, ...options }: SluiceErrorOptions & LedgerPlace = {},
  ) {
    super(code, reason, options);
    this.sequence = sequence;
    this.expected = expected;
    this.found = found;
  }
}
