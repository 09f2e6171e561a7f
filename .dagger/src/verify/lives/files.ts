import type { ReleasedFile } from "../../files/artifact.ts";
import { filesIn } from "../../files/inspect.ts";
import { AT_ONCE } from "../../files/limits.ts";
import { type FoundBytes, isIntact, readReleased } from "../../files/read.ts";
import { type Contradiction, contradiction, hexOf } from "../../files/sums.ts";
import { firstLine } from "../../error.ts";
import type { Place } from "../../registry/copy/place.ts";
import { Limiter } from "../../registry/limiter.ts";
import { counted } from "../counted.ts";
import { Failed, interrupted } from "../failed.ts";
import type { FilesUnderTest } from "../input.ts";
import type { FilesReport } from "../model.ts";
import { seconds } from "../seconds.ts";
import type { Context } from "./context.ts";
import { digestOf } from "./digest.ts";

/**
 * Verifies files: pulls each from its registry by digest, and takes its checksum anew. Never rejects.
 */
export async function checkFiles(
  context: Context,
  { name, ref, place }: FilesUnderTest,
): Promise<FilesReport> {
  const { scrub, progress, signal } = context;
  const begun = context.elapsed();
  const files: FilesReport["files"] = [];
  const report = {
    ...{ name, image: ref, digest: digestOf(ref), files },
    ...{ skippedBecause: null, exitCode: null, startedAtMs: null },
    log: { lines: [], earlierLines: 0, omittedBytes: 0, file: null },
  };
  try {
    const { client, repository } = await place();
    const own = { client: client.until(signal), repository };
    await check({ ref, place: own }, report.digest, files);
    const pull = context.elapsed() - begun;
    progress(`${name}: ${counted(files.length, "file")} intact after ${seconds(pull)}`);
    return {
      ...{ ...report, state: "passed", failure: null },
      durations: { pull, start: null, ready: null },
    };
  } catch (error) {
    const failed = signal.aborted ? interrupted() : notPulled(ref, error);
    const reason = scrub(`${name}: ${failed.message}`);
    progress(`${name}: FAILED: ${scrub(failed.message)}`);
    return {
      ...{ ...report, state: "failed" },
      failure: {
        ...{ code: failed.code, expected: scrub(failed.expected), found: scrub(failed.found) },
        ...{ reason, atMs: context.elapsed() },
      },
      durations: { pull: null, start: null, ready: null },
    };
  }
}

/** Fills in what was found of each file; throws `Failed` for the first one that is wrong. */
async function check(
  { ref, place }: { ref: string; place: Place },
  digest: string,
  report: FilesReport["files"],
): Promise<void> {
  const { files, sums } = await filesIn(place, digest);
  const limiter = new Limiter(AT_ONCE);
  const read = async (file: ReleasedFile, take: Parameters<typeof readReleased>[2]) => {
    const found = await limiter
      .run(() => readReleased(place, file, take))
      .catch((error: unknown) => {
        throw notPulled(`${file.name} of ${ref}`, error);
      });
    return { file, found, intact: isIntact(file, found) };
  };
  const list: Uint8Array[] = [];
  const [listFound, ...all] = await Promise.all([
    read(sums, async (pieces) => {
      list.length = 0;
      for await (const piece of pieces) list.push(piece);
    }),
    ...files.map((file) => read(file, drained)),
  ]);
  for (const { file, intact } of all) {
    report.push({ name: file.name, size: file.size, sha256: hexOf(file.digest), intact });
  }
  for (const { file, found, intact } of [...all, listFound]) if (!intact) throw wrong(file, found);
  const other = contradiction(files, Buffer.concat(list).toString());
  if (other) throw otherwiseListed(other, sums.name);
}

async function drained(pieces: AsyncIterable<Uint8Array>): Promise<void> {
  const iterator = pieces[Symbol.asyncIterator]();
  let { done } = await iterator.next();
  while (!done) ({ done } = await iterator.next());
}

function wrong({ name, digest, size }: ReleasedFile, found: FoundBytes): Failed {
  const expected = `SHA-256 ${hexOf(digest)} of ${name} (${size} bytes)`;
  const more = found.size > size ? `more than ${size} bytes` : `${found.size} bytes`;
  return new Failed("CHECKSUM_MISMATCH", expected, `${hexOf(found.digest)} (${more})`);
}

function otherwiseListed({ file, listed }: Contradiction, list: string): Failed {
  const expected = `SHA-256 ${hexOf(file.digest)} of ${file.name} in ${list}`;
  return new Failed("CHECKSUM_MISMATCH", expected, listed ? hexOf(listed) : "no line for it");
}

function notPulled(what: string, error: unknown): Failed {
  if (error instanceof Failed) return error;
  const found = firstLine(error);
  return new Failed("PULL_FAILED", `to pull ${what}`, found, `could not pull ${what}: ${found}`);
}
