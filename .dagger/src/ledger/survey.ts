import { LedgerError } from "./failure.ts";
import { type Finding, finding } from "./finding.ts";
import { inParallel } from "./in-parallel.ts";
import type { Shelf } from "./shelf.ts";
import { headTag, parseTag, recordTag } from "./streams.ts";

/** What is kept of a record while a whole stream is looked at. */
export interface Mark {
  sequence: number;
  digest: string;
  previous: string | null;
}

/** All that a stream consists of. */
export interface Survey {
  /** Undefined when there is none, or none that can be read. */
  head: Mark | undefined;
  /** By number; undefined for what can't be read. */
  records: ReadonlyMap<number, Mark | undefined>;
  /** Number of the last record; 0 for none. */
  last: number;
  /** What can't be read. */
  unreadable: Finding[];
}

/** Reads every record of a stream, whole, and keeps how they hang together. */
export async function survey(shelf: Shelf, stream: string): Promise<Survey> {
  const unreadable: Finding[] = [];
  const noted = (sequence: number | null, tag: string) => (error: unknown) => {
    unreadable.push(asFinding(error, sequence, shelf.ref(tag)));
    return undefined;
  };
  const tags = await shelf.client.listTags(shelf.repository);
  const sequences = tags.flatMap((tag) => {
    const parsed = parseTag(tag);
    return parsed?.stream === stream && parsed.sequence !== "head" ? [parsed.sequence] : [];
  });
  const head = await shelf.head(stream).catch(noted(null, headTag(stream)));
  const marks = await inParallel(
    sequences,
    async (sequence): Promise<[number, Mark | undefined]> => {
      const tag = recordTag(stream, sequence);
      const read = async (): Promise<Mark | undefined> => {
        const link = await shelf.record(stream, sequence);
        return link && markOf(await shelf.entry(link));
      };
      return [sequence, await read().catch(noted(sequence, tag))];
    },
  );
  return {
    head: head && markOf(head),
    records: new Map(marks),
    last: sequences.reduce((one, other) => Math.max(one, other), 0),
    unreadable,
  };
}

/** Only what is needed: thousands of records would fill the memory. */
function markOf({ sequence, digest, previous }: Mark): Mark {
  return { sequence, digest, previous };
}

function asFinding(error: unknown, sequence: number | null, ref: string): Finding {
  if (!(error instanceof LedgerError)) throw error;
  const code = error.code === "LEDGER_FOREIGN" ? error.code : "LEDGER_RECORD_INVALID";
  const { expected = null, found = null } = error;
  return { ...finding(code, { ref, sequence, expected, found }), reason: error.reason };
}
