import { describe, expect, it } from "vitest";
import type { PromotionData } from "../../.dagger/src/promote/model.ts";
import { promotionSummary } from "../../.dagger/src/promote/summary.ts";
import { toHtml } from "../../.dagger/src/report/html/page.ts";
import { passedVerification } from "../support/verifications.ts";

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const commit = "c".repeat(40);

const promotion: PromotionData = {
  ...{ version: 1, kind: "promotion", pipeline: "shop", channel: "prod", tag: "prod", commit },
  ...{ release: "v1.2.3", outcome: "moved", finishedAt: "2026-01-02T03:04:05.000Z", movedMs: 120 },
  moves: [
    {
      ...{ service: "api", registry: "ghcr", ref: "ghcr.io/acme/api:prod" },
      ...{ from: digest("1"), to: digest("2") },
    },
    {
      ...{ service: "web", registry: "ghcr", ref: "ghcr.io/acme/web:prod" },
      ...{ from: null, to: digest("3") },
    },
    {
      ...{ service: "job", registry: "ghcr", ref: "ghcr.io/acme/job:prod" },
      ...{ from: digest("4"), to: digest("4") },
    },
  ],
  branch: { name: "production", from: "a".repeat(40), to: commit },
  gates: [{ gate: "on-branch", outcome: "pass", why: "it is on <main>", evidence: {} }],
  notes: ["an earlier run is undone"],
};

describe("a promotion for people", () => {
  it("says what each tag held and holds, the branch, and what else there was", () => {
    expect(promotionSummary(promotion)).toBe(
      [
        `✔ prod holds v1.2.3 ${commit}: 2 of 3 tags moved in 120 ms, all read back`,
        "  ghcr.io/acme/api:prod  111111111111  →  222222222222",
        "  ghcr.io/acme/web:prod  (new)         →  333333333333",
        "  ghcr.io/acme/job:prod  444444444444  =  444444444444",
        "  branch production: aaaaaaaaaaaa → cccccccccccc",
        "  note: an earlier run is undone",
        "",
      ].join("\n"),
    );
  });

  it("says that nothing had to be changed", () => {
    expect(promotionSummary({ ...promotion, outcome: "unchanged" })).toContain(
      "nothing had to be changed",
    );
  });
});

describe("a promotion's page", () => {
  const page = toHtml(passedVerification, promotion).replaceAll(/\s+/g, " ");

  it("has a row for each tag, the branch, and each gate", () => {
    expect(page).toContain("<h1>Promoted</h1>");
    expect(page.match(/<code>ghcr\.io\/acme\/\w+:prod<\/code>/g)).toHaveLength(3);
    expect(page.match(/<span class="pill \w+">moved<\/span>/g)).toHaveLength(3);
    expect(page.match(/<span class="pill \w+">unchanged<\/span>/g)).toHaveLength(1);
    expect(page).toContain("branch <code>production</code>");
    expect(page).toContain("an earlier run is undone");
  });

  it("shows what it was told as text, never as markup", () => {
    expect(page).toContain("it is on &lt;main&gt;");
    expect(page).not.toContain("<main>");
  });
});
