import { SluiceError } from "../error.ts";
import type { Release } from "../release.ts";
import { eventOfRun } from "./change-event.ts";
import type { ReleaseEvent } from "./event.ts";
import { lines, previews } from "./of-channel.ts";
import { withNotes } from "./recorded-event.ts";
import { tell } from "./tell.ts";

/**
 * Tells the threads that follow a branch of a commit that came to it. Run again, it is told once.
 *
 * @throws SluiceError `MERGE_UNKNOWN` when no thread follows a branch that has the commit
 */
export async function announceMerge(
  release: Release,
  wanted: { commit: string; dryRun: boolean; notes: ReleaseEvent["notes"] },
  onProgress: (line: string) => void,
): Promise<string> {
  const { commit, dryRun, notes } = wanted;
  const threads = release.pipeline.announcements.github?.discussions ?? [];
  const branches = [...new Set(threads.flatMap(({ merges }) => merges ?? []))];
  const branch = await branchWith(release, branches, commit);
  // It is no channel's yet; what could not be told is queued with that of the thread's.
  const channel =
    threads.find(({ merges }) => merges === branch)?.channels[0] ??
    release.pipeline.channels[0]?.name ??
    "main";
  const event = withNotes(
    {
      ...eventOfRun(release),
      ...{ id: `merged ${branch} ${commit}`, kind: "merged", channel, commit, notes: {} },
      digests: {},
    },
    notes,
  );
  if (dryRun) return previews(release, [event]);
  const announcement = await tell(release, event, onProgress);
  return announcement ? `${lines(announcement).join("\n")}\n` : "nobody could be told\n";
}

async function branchWith(
  release: Release,
  branches: readonly string[],
  commit: string,
): Promise<string> {
  const history = await release.history();
  for (const branch of branches) {
    const head = await history.branch(branch);
    const relation = head === undefined ? "unrelated" : await history.relation(commit, head);
    if (relation === "same" || relation === "ancestor") return branch;
  }
  const short = commit.slice(0, 12);
  throw branches.length === 0
    ? new SluiceError("MERGE_UNKNOWN", "no discussion follows the merges of a branch", {
        hint: "add merges: main to a discussion in the pipeline file",
      })
    : new SluiceError("MERGE_UNKNOWN", `${short} is not on ${branches.join(" or ")}`, {
        hint: "merge and push it first",
      });
}
