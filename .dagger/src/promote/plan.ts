import { z } from "zod";
import { findCandidate } from "../candidate/find.ts";
import { gateResultSchema } from "../gates/gate.ts";
import { moveSchema } from "../ledger/model.ts";
import { heldName, shortDigest } from "../registry/digest.ts";
import type { Release } from "../release.ts";
import { table } from "../report/table.ts";
import { commitOf } from "../source/commit.ts";
import { readChannel } from "../status/channel.ts";
import { channelNamed } from "./channel.ts";
import { demands } from "./gates.ts";
import { moveData, plannedMoves } from "./moves.ts";
import type { PromotionWanted } from "./promote.ts";
import { interruptedName } from "./recover.ts";

/** What a promotion would do: plain data. */
export const planSchema = z
  .strictObject({
    version: z.literal(1),
    pipeline: z.string(),
    channel: z.string(),
    tag: z.string(),
    commit: z.string(),
    /** Git tag that it would be promoted as. */
    release: z.string().optional(),
    /** Whether every gate lets it pass. */
    allowed: z.boolean(),
    gates: z.array(gateResultSchema.extend({ explanation: z.string() })),
    moves: z.array(moveSchema),
    /** Branch that would be fast-forwarded. */
    branch: z.string().nullable(),
    /** What an earlier run left, and the promotion would see to first. */
    interrupted: z.string().nullable(),
  })
  .describe("What a promotion would do, and which gates let it pass.");

/** What a promotion would do. */
export type PlanData = z.infer<typeof planSchema>;

/** Asks every gate, and looks what would move. Changes nothing, and verifies nothing. */
export async function planPromotion(
  release: Release,
  wanted: Pick<PromotionWanted, "channel" | "commit" | "release" | "replay">,
): Promise<PlanData> {
  const { pipeline, registries, source } = release;
  const channel = channelNamed(pipeline, wanted.channel);
  const commit = await commitOf(source, wanted.commit);
  const [found, state] = await Promise.all([
    findCandidate(pipeline, registries, commit),
    readChannel(release.ledger, channel.name),
  ]);
  const images = found.held;
  const asked = {
    channel,
    commit,
    images,
    replay: wanted.replay ?? false,
    release: wanted.release,
  };
  const [said, moves] = await Promise.all([
    demands(release, asked, state),
    plannedMoves(release, { channel, images }),
  ]);
  return {
    ...{ version: 1, pipeline: pipeline.name, channel: channel.name, tag: channel.tag, commit },
    ...(said.release === undefined ? {} : { release: said.release }),
    allowed: said.results.every(({ outcome }) => outcome === "pass"),
    gates: said.results.map((result, index) => ({
      ...result,
      explanation: said.gates[index]?.explanation ?? "",
    })),
    moves: moves.map(moveData),
    branch: channel.branch ?? null,
    interrupted: state.interrupted ? interruptedName(state.interrupted) : null,
  };
}

/** A plan for people. */
export function planSummary(plan: PlanData): string {
  const { channel, commit, release, allowed, gates, moves, branch, interrupted } = plan;
  const gateRows = gates.map(({ gate, outcome, why }) => [
    `  ${outcome === "pass" ? "✔" : "✘"} ${gate}`,
    why,
  ]);
  const moveRows = moves.map(({ ref, from, to }) => [
    `  ${ref}`,
    ...(from === to ? ["=", shortDigest(to)] : [heldName(from), `→ ${shortDigest(to)}`]),
  ]);
  const failures = gates.filter(({ outcome }) => outcome === "fail");
  return [
    `${allowed ? "✔" : "✘"} ${release ? `${release} ` : ""}${commit} ${allowed ? "may" : "may not"} go to ${channel}`,
    ...table(gateRows),
    ...failures.flatMap(({ gate, next }) => (next ? [`  Next, for ${gate}: ${next}`] : [])),
    allowed ? "What would move, once a verification passes:" : "What would move:",
    ...table(moveRows),
    ...(branch === null ? [] : [`  branch ${branch} → ${commit}`]),
    ...(interrupted === null ? [] : [`First it would see to this: ${interrupted}`]),
    "",
  ].join("\n");
}
