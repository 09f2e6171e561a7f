import { LedgerError } from "./failure.ts";

/** Longest text in a record; characters. */
export const MAX_TEXT = 4096;
/** Largest record or attached file, as large as a registry client reads blobs; bytes. */
export const MAX_FILE_BYTES = 16 * 1024 * 1024;
/** Most files of one record. */
const MAX_FILES = 256;

/** A record's own data with every overlong text cut, and told so at its end. */
export function bounded(value: unknown): unknown {
  if (typeof value === "string") return cut(value);
  if (Array.isArray(value)) return value.map(bounded);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, bounded(one)]));
}

function cut(text: string): string {
  if (text.length <= MAX_TEXT) return text;
  const note = `… (cut from ${text.length} characters)`;
  // A pair of surrogates is not cut in two.
  return text.slice(0, MAX_TEXT - note.length).replace(/[\uD800-\uDBFF]$/, "") + note;
}

/**
 * Attached files as bytes. Of a log that is too large the end is kept, where failures are.
 *
 * @throws LedgerError `LEDGER_TOO_LARGE` for any other file, and for more than 256 of them
 */
export function boundedFiles(
  files: Readonly<Record<string, Uint8Array | string>>,
): [name: string, bytes: Uint8Array<ArrayBuffer>][] {
  const all = Object.entries(files).toSorted(([one], [other]) => (one < other ? -1 : 1));
  if (all.length > MAX_FILES) {
    throw new LedgerError(
      "LEDGER_TOO_LARGE",
      `a record can have ${MAX_FILES} files, got ${all.length}`,
    );
  }
  return all.map(([name, content]) => [
    name,
    boundedFile(name, new Uint8Array(Buffer.from(content))),
  ]);
}

function boundedFile(name: string, bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (bytes.length <= MAX_FILE_BYTES) return bytes;
  if (!name.endsWith(".log")) {
    throw new LedgerError(
      "LEDGER_TOO_LARGE",
      `${name}: a file of a record can have ${MAX_FILE_BYTES} bytes, got ${bytes.length}`,
      { hint: "attach less, or keep this file elsewhere and record where" },
    );
  }
  const note = Buffer.from(`(the beginning is cut off: ${bytes.length} bytes in all)\n`);
  const rest = bytes.subarray(bytes.length - MAX_FILE_BYTES + note.length);
  return new Uint8Array(Buffer.concat([note, rest]));
}
