import { dag, type Directory } from "@dagger.io/dagger";
import { SluiceError } from "../error.ts";
import { commitState } from "../ledger/commit-state.ts";
import { commitStream } from "../ledger/streams.ts";
import type { Release } from "../release.ts";
import { withFiles } from "../report/files.ts";
import { keptEvidence } from "./kept.ts";

/**
 * The report of the newest verification that did not pass: as this engine keeps it, or else as the
 * ledger does, whatever machine it ran on.
 *
 * @param commit default: the last one that failed on this engine
 * @throws SluiceError `EVIDENCE_NOT_FOUND`
 */
export async function findEvidence(
  { pipeline, ledger }: Pick<Release, "pipeline" | "ledger">,
  commit?: string,
): Promise<Directory> {
  const kept = await keptEvidence(pipeline.name, commit);
  if (kept) return kept;
  if (commit === undefined) {
    throw notFound(`no failed verification of ${pipeline.name} is kept on this engine`);
  }
  const { verifications } = commitState(await ledger.history(commitStream(commit)));
  const failed = verifications.find(({ record }) => !record.passed);
  if (!failed) throw notFound(`no failed verification of ${commit} is recorded`);
  const files = Object.entries(await ledger.files(failed)).map(([path, bytes]) => [
    path,
    new TextDecoder().decode(bytes),
  ]);
  return withFiles(dag.directory(), Object.fromEntries(files) as Record<string, string>);
}

function notFound(reason: string): SluiceError {
  return new SluiceError("EVIDENCE_NOT_FOUND", reason, {
    hint: "name the commit with --commit, or verify again: sluice call smoke-verify --allow-failure directory export --path …",
  });
}
