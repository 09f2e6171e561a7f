import { firstLine } from "../error.ts";
import { isFault } from "../fault.ts";
import { commitState } from "../ledger/commit-state.ts";
import { covers } from "../ledger/last-word.ts";
import type { CandidateRecord } from "../ledger/model.ts";
import { stamp } from "../ledger/stamp.ts";
import { commitStream } from "../ledger/streams.ts";
import type { Release } from "../release.ts";
import { scopeOf } from "../scope/scope.ts";
import { readChannel } from "../status/channel.ts";
import type { CandidateData } from "./model.ts";

/**
 * Writes in the ledger what a commit became, once: publishing it again adds nothing.
 *
 * @throws SluiceError `LEDGER_READ_ONLY`, or what the registry says
 */
export async function recordCandidate(
  release: Release,
  { commit, services }: CandidateData,
  onProgress: (line: string) => void,
): Promise<void> {
  const { ledger } = release;
  const stream = commitStream(commit);
  const digests = Object.fromEntries(services.map(({ name, digest }) => [name, digest]));
  const known = commitState(await ledger.history(stream)).candidate?.record.digests;
  if (known && covers(known, digests)) return;
  const record: CandidateRecord = {
    ...stamp(release),
    ...{ kind: "candidate", commit, digests },
    ...(await origin(release, commit, onProgress)),
  };
  await ledger.append(stream, record);
}

/** When it was committed, and what it changes of what the last channel holds. */
async function origin(
  release: Release,
  commit: string,
  onProgress: (line: string) => void,
): Promise<Pick<CandidateRecord, "committedAt" | "scope" | "base">> {
  const { pipeline, ledger } = release;
  const last = pipeline.channels.at(-1);
  const base = last && (await readChannel(ledger, last.name)).holds?.commit;
  const all = Object.fromEntries(
    Object.keys(scopeOf(pipeline.scopes, [])).map((name) => [name, true]),
  );
  try {
    const history = await release.history();
    const committedAt = new Date((await history.committedAt(commit)) * 1000).toISOString();
    if (base === undefined) return { committedAt, scope: all };
    const scope = scopeOf(pipeline.scopes, await history.changed(base, commit));
    return { committedAt, scope, base };
  } catch (error) {
    if (isFault(error)) throw error;
    // What is not known may have changed.
    onProgress(`every scope counts as changed: ${firstLine(error)}`);
    return { scope: all };
  }
}
