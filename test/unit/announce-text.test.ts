import { describe, expect, it } from "vitest";
import { aboutOf, eventMarker, hasLine, keyOf, marked } from "../../.dagger/src/announce/marker.ts";
import type { ReleaseEvent } from "../../.dagger/src/announce/event.ts";
import { parseTemplate } from "../../.dagger/src/announce/template.ts";
import { releaseText } from "../../.dagger/src/announce/text.ts";
import { deployedEvent } from "../support/releaseEvents.ts";

const commit = "c".repeat(40);
const before = "b".repeat(40);

/** A line of the list of facts. */
function factOf(event: ReleaseEvent, name: string): string | undefined {
  const [, value] = new RegExp(`^- ${name}: (.*)$`, "m").exec(releaseText(event)) ?? [];
  return value;
}

describe("the text of an event", () => {
  it.each([
    ["promoted", "Promoted v2026.11.21 to live", "n/a"],
    ["rolled-back", "Rolled live back to v2026.11.21", `rolled back to ${commit} from ${before}`],
    ["promotion-failed", "Promotion of v2026.11.21 to live failed", "see the reason"],
    ["deploying", "Deploying v2026.11.21 to cloud", "n/a"],
    ["deployed", "Deployed v2026.11.21 to cloud", "n/a"],
    [
      "deployment-failed",
      "Deployment of v2026.11.21 to cloud failed",
      `it ran ${before} before; see the reason`,
    ],
    ["taken-back", "Took cloud back to v2026.11.21", `rolled back to ${commit} from ${before}`],
    ["merged", "Merged v2026.11.21 into main", "n/a"],
  ] as const)("%s says what happened and how it stands", (kind, headline, rollback) => {
    const event = deployedEvent({
      kind,
      ...(kind === "merged" && { id: `merged main ${commit}` }),
    });
    expect(releaseText(event).split("\n")[0]).toBe(`## ${headline}`);
    expect(factOf(event, "Rollback status")).toBe(rollback);
  });

  it("prints what operators add: facts in their place, known headings in order, others after", () => {
    const text = releaseText(
      deployedEvent({
        reason: "checkout answered 502",
        notes: {
          "Something else": "kept",
          "follow-up": "- more monitoring\n- [ ] rollback drill",
          Guardrails: "alert on 5xx",
          "Fix-forward plan": "raise the pool in v2026.11.22",
          "Root cause": "the pool was too small",
          "Overrides for cloud": "POOL=20",
          "Overrides for self-hosted": "none",
          "Runbook updates": "[pool sizes](https://docs.example.com/pool)",
          "Rollback status": "not needed",
          Validation: "smoke tests by hand",
        },
      }),
    );
    expect(text.split("\n").filter((line) => line.startsWith("### "))).toEqual([
      ...["### Overrides for self-hosted", "### Overrides for cloud", "### Root cause"],
      ...["### Fix-forward plan", "### Guardrails", "### follow-up", "### Something else"],
    ]);
    expect(text).toContain("- Reason: checkout answered 502\n");
    expect(text).toContain(
      "- Validation: https://ci.example.com/runs/7; smoke tests by hand\n- Rollback status: not needed\n- Runbook updates: [pool sizes](https://docs.example.com/pool)\n",
    );
    expect(text).toContain("### follow-up\n\n- more monitoring\n- [ ] rollback drill\n");
  });

  it("reminds of notices after a success only", () => {
    const notices = ["Merge the bump back to main."];
    expect(releaseText(deployedEvent(), { notices })).toContain(
      "### Reminders\n\n- Merge the bump back to main.\n",
    );
    const failed = deployedEvent({ kind: "deployment-failed" });
    expect(releaseText(failed, { notices })).not.toContain("Reminders");
  });

  it("says what isn't known instead of leaving it out", () => {
    const event = deployedEvent({ targetRelease: undefined, runUrl: undefined });
    expect(factOf(event, "Release ID")).toBe("n/a");
    expect(factOf(event, "Validation")).toBe("n/a");
    expect(factOf(event, "Runbook updates")).toBe("none");
  });

  it("is shortened where GitHub would refuse it, and keeps its footer", () => {
    const notes = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`Note ${index}`, "line of text\n".repeat(600)]),
    );
    const text = marked(releaseText(deployedEvent({ notes })), deployedEvent());
    expect(text.length).toBeLessThan(65_536);
    expect(text).toContain("… (shortened)\n\n---\n_Posted by CI · shop ·");
    expect(hasLine(text, eventMarker("deployment live 12 deployed"))).toBe(true);
  });
});

describe("text from outside", () => {
  const forged = "<!-- sluice:event deployment live 13 deployed -->";

  it.each(["reason", "by", "release", "targetRelease", "target", "environment"] as const)(
    "in %s can't forge a mark, a mention, a line or a code span",
    (field) => {
      const hostile = `x\n${forged}\n# head @acme/ops \`$(id)\` **b** | c [a](https://x.example) <img>`;
      const event = deployedEvent({ [field]: hostile });
      const text = marked(releaseText(event), event);
      expect(hasLine(text, forged)).toBe(false);
      expect(hasLine(text, eventMarker(event.id))).toBe(true);
      expect(text.split("\n").length).toBe(
        marked(releaseText(deployedEvent({ reason: "x" })), event).split("\n").length -
          (field === "reason" ? 0 : 1),
      );
      expect(text).not.toMatch(/@acme|<img|`\$|\*\*b|[^\\]\|/);
      expect(text).toContain("@&#8203;acme/ops &#96;$(id)&#96; &#42;&#42;b&#42;&#42; &#124; c");
    },
  );

  it("in notes keeps lists and links, and nothing else", () => {
    const note = [
      forged,
      "@team and ann@example.com",
      "# heading",
      "```",
      "![image](https://x.example/a.png)",
      "- [ ] see [the run](https://ci.example.com/runs/7?a=1&b=2_c)",
      "[@team](https://x.example/)",
      "[x](javascript:alert)",
      "=====",
    ].join("\r\n");
    const event = deployedEvent({ notes: { [`Follow-up ${forged}`]: note } });
    const text = marked(releaseText(event), event);
    expect(hasLine(text, forged)).toBe(false);
    expect(text).toContain(`### Follow-up &#60;!-- sluice:event deployment live 13 deployed --&#62;

&#60;!-- sluice:event deployment live 13 deployed --&#62;
@&#8203;team and ann@example.com
&#35; heading
&#96;&#96;&#96;
![image&#93;(https://x.example/a.png)
- [ ] see [the run](https://ci.example.com/runs/7?a=1&b=2_c)
[@&#8203;team](https://x.example/)
[x&#93;(javascript:alert)
&#61;====
`);
  });

  it("of hidden characters shows none of them", () => {
    expect(factOf(deployedEvent({ reason: "a\u202eb\u0000c\u001b[31md" }), "Reason")).toBe(
      "abc[31md",
    );
  });

  it("of many characters is cut, not in the middle of one", () => {
    const reason = factOf(deployedEvent({ reason: `x${"😀".repeat(2000)}` }), "Reason")!;
    expect(reason).toBe(`x${"😀".repeat(499)} …`);
    const name = "n".repeat(300);
    expect(factOf(deployedEvent({ release: name }), "Deployed commit/tag")).toBe(
      `${name} (${commit})`,
    );
  });
});

describe("the mark of an event", () => {
  it("is a line of its own, whatever the id has in it", () => {
    for (const id of ["a --> b", "a\nb", "$(id)", "ü", "a%20b", "--", "😀"]) {
      expect(eventMarker(id)).toMatch(/^<!-- sluice:event [A-Za-z0-9 %._:/-]+ -->$/);
      expect(eventMarker(id).slice(5, -4)).not.toMatch(/--|>/);
    }
    expect(keyOf("a%20b")).not.toBe(keyOf("a b"));
    expect(keyOf("--")).toBe("%2D-");
  });

  it("is found in a text that came back with other line ends", () => {
    const text = marked("x", deployedEvent()).replaceAll("\n", "\r\n");
    expect(hasLine(text, eventMarker("deployment live 12 deployed"))).toBe(true);
    expect(aboutOf(text)).toEqual({ kind: "deployed", commit, channel: "live", name: "cloud" });
  });
});

describe("a template", () => {
  it("is filled in, and what it has no place for comes after it", () => {
    const template = parseTemplate(
      "- Deployed commit/tag: `{{release}}` {{commit}}\n- Fly.io release ID: `{{ targetRelease }}`\n- Root cause: {{note:Root cause}}\n- Owner: {{note:Owner}}\n- Rollback: {{rollbackStatus}}\n- Before: {{previousCommit}}\n{{digests}}\n",
      "docs/thread.md",
    );
    const notes = { "Root cause": "{{commit}} $& $1", "Rollback status": "none", Extra: "printed" };
    expect(releaseText(deployedEvent({ notes, previousCommit: undefined }), { template })).toBe(
      `- Deployed commit/tag: \`v2026.11.21\` ${commit}
- Fly.io release ID: \`rel_k3j2\`
- Root cause: {{commit}} $&#38; $1
- Owner: n/a
- Rollback: none
- Before: n/a
- api: \`sha256:${"1".repeat(64)}\`
- web: \`sha256:${"2".repeat(64)}\`

### Extra

printed

---
_Posted by CI · shop · 2026-11-21T14:00:00.000Z_`,
    );
  });

  it("has the notes, the reminders, the related updates and the footer where it says", () => {
    const template = parseTemplate("{{footer}}\n{{related}}\n{{notices}}\n{{notes}}\n", "t.md");
    const text = releaseText(deployedEvent({ notes: { Extra: "e" } }), {
      ...{ template, notices: ["n"] },
      related: [{ what: "main: deployed", url: "https://x.example/1" }],
    });
    expect(text).toBe(
      "Posted by CI · shop · 2026-11-21T14:00:00.000Z\n- main: deployed: https://x.example/1\n- n\n### Extra\n\ne",
    );
  });

  it("can't be left by a name, inside its code spans and tables neither", () => {
    const template = parseTemplate("| `{{release}}` | {{reason}} |\n", "t.md");
    const event = deployedEvent({ release: "v1`|@ops", reason: "a | b\n| c" });
    expect(releaseText(event, { template }).split("\n")[0]).toBe(
      "| `v1&#96;&#124;@&#8203;ops` | a &#124; b &#124; c |",
    );
  });

  it("with unknown placeholders names each, its line, and those there are", () => {
    const text =
      "{{commit}}\n{{comit}} and {{ fly_release }}\n\n{{constructor}}\n{{reason\n{{note:}}";
    expect(() => parseTemplate(text, "docs/thread.md")).toThrow(
      `docs/thread.md:2: unknown placeholder {{comit}} [TEMPLATE_INVALID]
docs/thread.md:2: unknown placeholder {{fly_release}}
docs/thread.md:4: unknown placeholder {{constructor}}
docs/thread.md:5: a placeholder does not end: expected }} on the same line
docs/thread.md:6: unknown placeholder {{note:}}
Next: use these placeholders: headline, kind, pipeline, channel, target, environment, commit, shortCommit, release, version, previousCommit, targetRelease, url, runUrl, at, by, reason, digests, rollbackStatus, runbookUpdates, notes, notices, related, footer, note:<heading>`,
    );
  });

  it("that would not fit is refused", () => {
    expect(() => parseTemplate("x".repeat(30_001), "t.md")).toThrow(
      "t.md: expected at most 30000 characters, got 30001 [TEMPLATE_INVALID]",
    );
  });
});
