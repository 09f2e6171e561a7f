import { heldName, shortDigest } from "../registry/digest.ts";
import { table } from "../report/table.ts";
import { seconds } from "../verify/seconds.ts";
import type { PromotionData } from "./model.ts";

/** A promotion or rollback for a terminal: what moved, from which digest to which. */
export function promotionSummary(promotion: PromotionData): string {
  const { channel, commit, release, moves, branch, notes } = promotion;
  const rows = moves.map(({ ref, from, to }) => [
    ref,
    from === null ? "(new)" : heldName(from),
    from === to ? "=" : "→",
    shortDigest(to),
  ]);
  return [
    `✔ ${channel} holds ${release ? `${release} ` : ""}${commit}: ${outcome(promotion)}`,
    ...table(rows).map((row) => `  ${row}`),
    ...(branch
      ? [
          `  branch ${branch.name}: ${branch.from?.slice(0, 12) ?? "(new)"} → ${branch.to.slice(0, 12)}`,
        ]
      : []),
    ...notes.map((note) => `  note: ${note}`),
    "",
  ].join("\n");
}

function outcome({ kind, outcome, moves, movedMs }: PromotionData): string {
  if (outcome === "unchanged") return "nothing had to be changed";
  const moved = moves.filter(({ from, to }) => from !== to).length;
  const back = kind === "rollback" ? "rolled back, " : "";
  return `${back}${moved} of ${moves.length} tags moved in ${seconds(movedMs)}, all read back`;
}
