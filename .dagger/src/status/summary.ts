import { heldName } from "../registry/digest.ts";
import { table } from "../report/table.ts";
import type { ChannelStatus, Status, TargetStatus } from "./model.ts";

/** What runs where, for people. */
export function statusSummary({ channels }: Status): string {
  if (channels.length === 0) return "The pipeline file has no channels.\n";
  return channels.map(channelSummary).join("\n");
}

function channelSummary(status: ChannelStatus): string {
  const { channel, holds, since, by, lock, branch, blocked, refs, targets, drift } = status;
  const held = holds
    ? `${holds.release ? `${holds.release} ` : ""}${holds.commit}, since ${since ?? "?"} by ${by ?? "?"}`
    : "nothing that a promotion recorded";
  const rows = refs.map(({ ref, digest, recorded }) => [
    `  ${digest === recorded ? "✔" : "✘"}`,
    ref,
    heldName(digest),
  ]);
  return [
    `${drift.length === 0 ? "✔" : "✘"} ${channel}: ${held}`,
    ...table(rows),
    ...table(targets.map(targetRow)),
    ...(branch ? [`  branch ${branch.name}: ${branch.commit ?? "not there"}`] : []),
    ...(lock
      ? [
          `  locked by ${lock.holder} since ${lock.since ?? "?"}: ${lock.reason || lock.command} (claim ${lock.claim})`,
        ]
      : []),
    ...(blocked.length > 0 ? [`  rolled back: ${blocked.join(", ")}`] : []),
    ...drift.map((line) => `  drift: ${line}`),
    "",
  ].join("\n");
}

function targetRow({ target, holds, outcome, serves, url }: TargetStatus): string[] {
  const mark = outcome === "succeeded" ? "✔" : outcome === null ? " " : "✘";
  const runs = holds ? (holds.release ?? holds.commit.slice(0, 12)) : "nothing";
  const as = holds?.targetRelease === undefined ? "" : ` as ${holds.targetRelease}`;
  const says = serves === null ? "" : `, its URL says ${serves.slice(0, 12)}`;
  return [`  ${mark}`, `→ ${target}`, `runs ${runs}${as}${says}${url === null ? "" : ` (${url})`}`];
}
