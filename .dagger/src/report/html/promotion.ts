import type { GateResult } from "../../gates/gate.ts";
import type { PromotionData } from "../../promote/model.ts";
import { heldName, shortDigest } from "../../registry/digest.ts";
import { seconds } from "../../verify/seconds.ts";
import { pill } from "./container.ts";
import { html, type Markup as Html } from "./markup.ts";
import { tableCard } from "./table.ts";

/** What moved and which gates let it: the sections of a promotion's page. */
export function promotionSections(promotion: PromotionData): Html {
  return html`<h2>Tags</h2>
    ${tags(promotion)}
    <h2>Gates</h2>
    ${gates(promotion.gates)}`;
}

/** What a promotion came to, in a line. */
export function promotionLine(promotion: PromotionData): string {
  const { kind, channel, outcome, moves, movedMs } = promotion;
  if (outcome === "unchanged") return `${channel} held this commit already; nothing was changed.`;
  const moved = moves.filter(({ from, to }) => from !== to).length;
  const verb = kind === "rollback" ? "rolled back" : "promoted";
  return `${channel} ${verb}: ${moved} of ${moves.length} tags moved in ${seconds(movedMs)}, each read back.`;
}

function tags({ moves, branch, notes }: PromotionData): Html {
  const rows = moves.map(
    ({ ref, from, to }) =>
      html`<tr>
        <td class="name"><code>${ref}</code></td>
        <td><code title="${from ?? ""}">${from === null ? "new" : heldName(from)}</code></td>
        <td><code title="${to}">${shortDigest(to)}</code></td>
        <td>${from === to ? pill("skipped", "unchanged") : pill("passed", "moved")}</td>
      </tr>`,
  );
  const branchRow = branch
    ? [
        html`<tr>
          <td class="name">branch <code>${branch.name}</code></td>
          <td><code>${branch.from?.slice(0, 12) ?? "new"}</code></td>
          <td><code>${branch.to.slice(0, 12)}</code></td>
          <td>${pill("passed", "moved")}</td>
        </tr>`,
      ]
    : [];
  return tableCard(
    ["tag", "held", "holds", "result"],
    [...rows, ...branchRow],
    notes.map((note) => html`<p class="note">${note}</p>`),
  );
}

function gates(results: readonly GateResult[]): Html {
  const rows = results.map(
    ({ gate, outcome, why }) =>
      html`<tr>
        <td class="name">${gate}</td>
        <td>${why}</td>
        <td>${pill(outcome === "pass" ? "passed" : "failed")}</td>
      </tr>`,
  );
  return tableCard(["gate", "what it found", "result"], rows);
}
