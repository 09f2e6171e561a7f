import { randomUUID } from "node:crypto";
import { dag, type Container, type Directory } from "@dagger.io/dagger";
import { BUSYBOX_IMAGE } from "../verify/supervise/dagger-stage.ts";

const SHELF = "/evidence";

/**
 * Keeps a failed verification's report on the engine, where the next call finds it: a function that
 * throws has nothing else to give back. The newest of each commit is kept.
 */
export async function keepEvidence(
  pipeline: string,
  commit: string,
  report: Directory,
): Promise<void> {
  await shelf(pipeline)
    .withMountedDirectory("/new", report)
    .withEnvVariable("COMMIT", nameOf(commit))
    .withExec([
      "sh",
      "-ec",
      [
        // Whoever reads meanwhile sees the old one or the new one, never a half.
        `draft=$(mktemp -d ${SHELF}/.draft-XXXXXX)`,
        'cp -R /new/. "$draft"',
        `rm -rf "${SHELF}/$COMMIT"`,
        `mv "$draft" "${SHELF}/$COMMIT"`,
        `echo "$COMMIT" > ${SHELF}/newest`,
      ].join("\n"),
    ])
    .sync();
}

/** The report of the newest failed verification, or of a commit's; undefined when none is kept here. */
export async function keptEvidence(
  pipeline: string,
  commit?: string,
): Promise<Directory | undefined> {
  const found = shelf(pipeline)
    .withEnvVariable("COMMIT", commit === undefined ? "" : nameOf(commit))
    .withExec([
      "sh",
      "-ec",
      [
        `[ -n "$COMMIT" ] || COMMIT=$(cat ${SHELF}/newest 2>/dev/null || true)`,
        "mkdir /found",
        `if [ -n "$COMMIT" ] && [ -d "${SHELF}/$COMMIT" ]; then cp -R "${SHELF}/$COMMIT/." /found; fi`,
      ].join("\n"),
    ])
    .directory("/found");
  return (await found.entries()).length > 0 ? found : undefined;
}

/** A shell over the evidence. The nonce keeps the engine from taking an earlier run for this one. */
function shelf(pipeline: string): Container {
  return dag
    .container()
    .from(BUSYBOX_IMAGE)
    .withMountedCache(SHELF, dag.cacheVolume(`sluice evidence ${pipeline}`))
    .withEnvVariable("NONCE", randomUUID());
}

/** A commit, or the description that stands in for one, as a file name. */
function nameOf(commit: string): string {
  return commit.replaceAll(/[^A-Za-z0-9._-]+/g, "-").replace(/^\./, "-");
}
