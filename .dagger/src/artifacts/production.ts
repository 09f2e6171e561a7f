import { z } from "zod";
import { gateResultSchema } from "../gates/gate.ts";
import { isChange } from "../ledger/channel-state.ts";
import {
  branchMoveSchema,
  type ChangeRecord,
  type DeploymentRecord,
  deploymentRecord as deployment,
  type Entry,
  moveSchema,
} from "../ledger/model.ts";
import { candidateRefs, type ImageNames, refsOf } from "./refs.ts";

const commit = z.string().regex(/^[0-9a-f]{40}$/);

/** What both files say. */
const common = {
  version: z.literal(1),
  headSha: commit,
  kind: z.enum(["promotion", "rollback"]),
  channel: z.string(),
  /** Git tag that it was promoted as. */
  release: z.string().optional(),
  /** Null while it has no end. */
  finishedAt: z.string().nullable(),
};

/** `deployment-record.json`: what a promotion or rollback, and what was deployed after it, did. */
export const deploymentRecord = z
  .strictObject({
    ...common,
    tag: z.string(),
    by: z.string(),
    startedAt: z.string(),
    candidate: candidateRefs,
    moves: z.array(moveSchema),
    branch: branchMoveSchema.optional(),
    previousSha: commit.nullable().describe("What the channel held before."),
    gates: z.array(gateResultSchema),
    deployments: z.array(
      deployment.pick({
        target: true,
        cause: true,
        outcome: true,
        targetRelease: true,
        url: true,
        reason: true,
        at: true,
      }),
    ),
  })
  .describe("A promotion or rollback, and the deployments of it.");

/** `result.json`: how it ended. */
export const productionResult = z
  .strictObject({
    ...common,
    result: z.enum(["success", "failure", "pending"]),
    reason: z.string(),
  })
  .describe("How a promotion or rollback ended.");

export type DeploymentRecordFile = z.infer<typeof deploymentRecord>;
export type ProductionResult = z.infer<typeof productionResult>;

/** Both files about one change. */
export interface ProductionFiles {
  record: DeploymentRecordFile;
  result: ProductionResult;
}

/**
 * What the ledger has to say of a commit's last promotion or rollback to a channel; undefined when
 * there was none.
 *
 * @param entries records of the channel, newest first, as far back as the change began
 * @param deployed records of the channel's targets
 */
export function productionOf(
  names: ImageNames,
  entries: readonly Entry[],
  deployed: readonly Entry<DeploymentRecord>[],
  sha: string,
): ProductionFiles | undefined {
  const changes = entries.filter(isChange).filter(({ record }) => record.commit === sha);
  const [last] = changes;
  if (!last) return undefined;
  const { record } = last;
  const start = changes.find((change) => change.record.state === "started") ?? last;
  const finishedAt = record.state === "started" ? null : record.at;
  const deployments = deploymentsSince(deployed, start.record.at, sha);
  const about = {
    version: 1 as const,
    ...{ headSha: sha, kind: record.kind, channel: record.channel, finishedAt },
    ...(record.release === undefined ? {} : { release: record.release }),
  };
  return {
    record: {
      ...about,
      ...{ tag: record.tag, by: record.by, startedAt: start.record.at },
      candidate: refsOf(names, digestsOf(record)),
      moves: record.moves,
      ...(record.branch === undefined ? {} : { branch: record.branch }),
      previousSha: record.held?.commit ?? null,
      gates: record.gates,
      deployments,
    },
    result: { ...about, ...resultOf(record, deployments) },
  };
}

/** What was to be there, whatever became of it. */
function digestsOf({ moves }: ChangeRecord): Record<string, string> {
  return Object.fromEntries(moves.map(({ service, to }) => [service, to]));
}

/** Deployments of the commit that ended after its promotion began, the oldest first. */
function deploymentsSince(
  entries: readonly Entry<DeploymentRecord>[],
  began: string,
  sha: string,
): DeploymentRecordFile["deployments"] {
  return entries
    .map(({ record }) => record)
    .filter((record) => record.commit === sha && record.outcome !== "started" && record.at >= began)
    .sort((one, other) => one.at.localeCompare(other.at))
    .map(({ target, cause, outcome, targetRelease, url, reason, at }) => ({
      ...{ target, cause, outcome, reason, at },
      ...(targetRelease === undefined ? {} : { targetRelease }),
      ...(url === undefined ? {} : { url }),
    }));
}

function resultOf(
  { state, reason }: ChangeRecord,
  deployments: DeploymentRecordFile["deployments"],
): Pick<ProductionResult, "result" | "reason"> {
  if (state === "started")
    return { result: "pending", reason: "it has no end yet, or was cut off" };
  if (state === "undone") {
    return { result: "failure", reason: reason ?? "it failed; every tag was put back" };
  }
  // A target that failed may have been deployed to again.
  const last = new Map(deployments.map((one) => [one.target, one]));
  const failed = [...last.values()].find(({ outcome }) => outcome === "failed");
  if (failed) return { result: "failure", reason: `${failed.target}: ${failed.reason}` };
  const targets = last.size === 0 ? "" : `, and ${[...last.keys()].join(", ")} deployed`;
  return { result: "success", reason: `every tag moved${targets}` };
}
