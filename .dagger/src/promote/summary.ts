import { shortDigest } from "../registry/digest.ts";
import { table } from "../report/table.ts";
import { seconds } from "../verify/seconds.ts";
import type { PromotionData } from "./model.ts";

/** A promotion for a terminal: what moved, from which digest to which. */
export function promotionSummary({ channel, commit, moves, movedMs }: PromotionData): string {
  const moved = moves.filter(({ from, to }) => from !== to).length;
  const rows = moves.map(({ ref, from, to }) => [
    ref,
    from === null ? "(new)" : shortDigest(from),
    from === to ? "=" : "→",
    shortDigest(to),
  ]);
  return [
    `✔ ${channel} holds ${commit}: ${moved} of ${moves.length} tags moved in ${seconds(movedMs)}, all read back`,
    ...table(rows).map((row) => `  ${row}`),
    "",
  ].join("\n");
}
