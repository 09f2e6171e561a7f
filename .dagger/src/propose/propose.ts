import { SluiceError } from "../error.ts";
import { cutReleaseBranch, releaseBranchFor } from "../git/release-branch.ts";
import { githubOf } from "../github/connection.ts";
import { openReleasePullRequest, releasePullRequest } from "../github/pull-requests.ts";
import { remoteOf } from "../lock/by-hand.ts";
import type { PipelineChannel } from "../pipeline/model.ts";
import { channelNamed } from "../promote/channel.ts";
import { planPromotion, planSummary } from "../promote/plan.ts";
import type { Release } from "../release.ts";

/** What is to be released where. */
export interface ProposalWanted {
  channel: string;
  commit: string;
  /** Name of the branch; default: `release/<date>`. */
  name: string | undefined;
  dryRun: boolean;
}

/**
 * Cuts a release branch on the remote, and opens a pull request from it to the channel's branch, with
 * what the gates say. Both are taken as they are where they stand already. Answers lines that name
 * them.
 *
 * @throws SluiceError `BRANCH_MISSING`, `COMMIT_NOT_ON_BRANCH`, and what git and GitHub refuse
 */
export async function proposeRelease(
  release: Release,
  { channel: wanted, commit, name, dryRun }: ProposalWanted,
  onProgress: (line: string) => void,
): Promise<string> {
  const channel = channelNamed(release.pipeline, wanted);
  const base = branchOf(channel);
  await demandOnBranch(release, channel, commit);
  const remote = await remoteOf(release);
  const [plan, branch] = await Promise.all([
    planPromotion(release, { channel: wanted, commit, release: undefined, replay: false }),
    releaseBranchFor(remote, { name, commit, now: new Date() }),
  ]);
  const request = {
    ...{ branch: branch.name, base, title: `Release ${commit.slice(0, 12)} to ${channel.name}` },
    body: bodyOf(planSummary(plan), channel.name, commit),
  };
  const github = await githubOf(release, onProgress);
  if (dryRun) {
    const cut = branch.isNew ? "would be cut" : "stands already";
    return `${branch.name} ${cut} on ${commit}\n${await releasePullRequest(github, request)}\n`;
  }
  const done = await cutReleaseBranch(remote, { name: branch.name, commit, now: new Date() });
  onProgress(`${done.name} ${done.isNew ? "is cut" : "stood already"} on ${commit}`);
  const opened = await openReleasePullRequest(github, request);
  return `${done.name} is on ${commit}\n${opened.what}: ${opened.url ?? ""}\n`;
}

function branchOf({ name, branch }: PipelineChannel): string {
  if (branch !== undefined) return branch;
  throw new SluiceError("BRANCH_MISSING", `channel ${name} has no branch`, {
    hint: "add branch: to the channel in the pipeline file",
  });
}

/** Feature branches don't get to a protected branch: what is proposed has to be merged already. */
async function demandOnBranch(
  release: Release,
  { gates }: PipelineChannel,
  commit: string,
): Promise<void> {
  if (gates.onBranch === undefined) return;
  const history = await release.history();
  const head = await history.branch(gates.onBranch);
  const relation = head === undefined ? "unrelated" : await history.relation(commit, head);
  if (relation === "same" || relation === "ancestor") return;
  throw new SluiceError(
    "COMMIT_NOT_ON_BRANCH",
    `${commit.slice(0, 12)} is not on ${gates.onBranch}: only what was merged there is released`,
    { hint: `merge it into ${gates.onBranch} first` },
  );
}

function bodyOf(plan: string, channel: string, commit: string): string {
  return [
    `What the gates of \`${channel}\` say of ${commit}:`,
    "",
    ...plan
      .trimEnd()
      .split("\n")
      .map((line) => `    ${line}`),
    "",
    `\`sluice call promote --channel ${channel} --commit ${commit}\` moves the branch along with the tags.`,
    "",
  ].join("\n");
}
