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

/** Each record has to be the one that the record after it names. */
function aboutRecords(
  { head, records, last }: Survey,
  ref: (sequence: number) => string,
): Finding[] {
  const findings: Finding[] = [];
  for (let sequence = 0; sequence <= last; sequence++) {
    const there = records.has(sequence) || sequence === 0;
    const record = records.get(sequence);
    const next = records.get(sequence + 1);
    const named = next?.previous ?? (head?.sequence === sequence ? head.digest : null);
    const place = { ref: ref(sequence), sequence, expected: named, found: record?.digest ?? null };
    if (!there || (sequence === 0 && next && next.previous !== null)) {
      findings.push(finding("LEDGER_RECORD_MISSING", place));
    } else if (record && next && next.previous !== record.digest) {
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
