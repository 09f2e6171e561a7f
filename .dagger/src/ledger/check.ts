import { type Finding, finding } from "./finding.ts";
import type { Shelf } from "./shelf.ts";
import { headTag, recordTag } from "./streams.ts";
import { type Survey, survey } from "./survey.ts";

/**
 * Reads every record of a stream, and tells all that is wrong with it: nothing for a sound one, nor
 * for an empty one.
 */
export async function check(shelf: Shelf, stream: string): Promise<Finding[]> {
  const found = await survey(shelf, stream);
  const ref = (sequence: number) => shelf.ref(recordTag(stream, sequence));
  return [
    ...found.unreadable,
    ...aboutRecords(found, ref),
    ...aboutHead(found, shelf.ref(headTag(stream))),
  ].toSorted((one, other) => (one.sequence ?? 0) - (other.sequence ?? 0));
}

/** Each record has to be the one that the record after it names. Of a gap, its end is told. */
function aboutRecords({ records }: Survey, ref: (sequence: number) => string): Finding[] {
  const findings: Finding[] = [];
  for (const next of records.values()) {
    if (!next || (next.sequence === 1 && next.previous === null)) continue;
    const sequence = next.sequence - 1;
    const record = records.get(sequence);
    const found = record?.digest ?? null;
    const place = { ref: ref(sequence), sequence, expected: next.previous, found };
    if (!records.has(sequence)) findings.push(finding("LEDGER_RECORD_MISSING", place));
    else if (record && record.digest !== next.previous) {
      findings.push(finding("LEDGER_RECORD_REPLACED", place));
    }
  }
  return findings;
}

function aboutHead({ head, records, last, unreadable }: Survey, ref: string): Finding[] {
  const place = { ref, sequence: last, expected: records.get(last)?.digest ?? null };
  if (!head) {
    const missing = last > 0 && unreadable.every((one) => one.ref !== ref);
    return missing ? [finding("LEDGER_HEAD_MISSING", { ...place, found: null })] : [];
  }
  const { sequence, digest: found } = head;
  if (sequence > last) return [finding("LEDGER_HEAD_AHEAD", { ...place, found })];
  const own = records.get(sequence + 1)?.previous ?? records.get(sequence)?.digest;
  if (own !== undefined && own !== found) {
    return [finding("LEDGER_HEAD_DIFFERS", { ref, sequence, expected: own, found })];
  }
  return sequence < last ? [finding("LEDGER_HEAD_BEHIND", { ...place, found })] : [];
}
