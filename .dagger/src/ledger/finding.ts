/** What can be wrong with a stream, and what it means. */
const meanings = {
  LEDGER_RECORD_MISSING: "a record is gone that others come after",
  LEDGER_RECORD_REPLACED: "it is not the record that its successor names",
  LEDGER_RECORD_INVALID: "it is no record, or one of another place",
  LEDGER_FOREIGN: "it is a record of another pipeline",
  LEDGER_HEAD_MISSING: "there are records, but no head; the next record brings it back",
  LEDGER_HEAD_BEHIND:
    "there are records after it; somebody is writing, or was cut off: the next record repairs it",
  LEDGER_HEAD_AHEAD: "the records before it are gone",
  LEDGER_HEAD_DIFFERS: "it is another record than the one under its number",
} as const;

/** What can be wrong with a stream. */
export type FindingCode = keyof typeof meanings;

/** Where it is wrong. */
export interface FindingPlace {
  /** The tag that is wrong: `ghcr.io/acme/shop-ledger:channel.prod.3` */
  ref: string;
  /** The record's number; null when not even that is known. */
  sequence: number | null;
  /** Digest that the tag should hold; null when nothing tells. */
  expected: string | null;
  /** Digest that it holds; null when there is no such tag. */
  found: string | null;
}

/** Something that is wrong with a stream. */
export interface Finding extends FindingPlace {
  code: FindingCode;
  /** All of it on one line. */
  reason: string;
}

/** Says what is wrong; `why` instead of what the code means in general. */
export function finding(code: FindingCode, place: FindingPlace, why?: string): Finding {
  const { ref, expected, found } = place;
  const reason = `${ref}: expected ${expected ?? "a record"}, got ${found ?? "no such tag"}: ${why ?? meanings[code]}`;
  return { code, ...place, reason };
}
