import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { GateFacts } from "../../.dagger/src/gates/facts.ts";
import { changelogSection } from "../../.dagger/src/gates/release/changelog-section.ts";
import { releaseOf } from "../../.dagger/src/gates/release/release-of.ts";
import type { History } from "../../.dagger/src/git/history.ts";
import { factsOf, holding, otherDigests, verdict } from "../support/gateFacts.ts";
import { releaseHistory, type ReleaseHistory } from "../support/releaseHistory.ts";

let repository: ReleaseHistory;
beforeAll(async () => {
  repository = await releaseHistory();
});
afterAll(() => repository.remove());

type Name = keyof ReleaseHistory["commits"];
const at = (name: Name) => repository.commits[name];
const short = (name: Name) => at(name).slice(0, 12);
const facts = (commit: Name, more: Partial<GateFacts> = {}) =>
  factsOf({ commit: at(commit), history: repository.history, ...more });
const unreachable = (): History => ({
  remote: repository.history.remote,
  branch: (name) => repository.history.branch(name),
  relation: (one, other) => repository.history.relation(one, other),
  changed: (from, to) => repository.history.changed(from, to),
  tags: () => Promise.reject(new Error("github.com does not answer")),
  file: () => Promise.reject(new Error("github.com does not answer")),
});

describe("a release", () => {
  it.each<[string, Name, string | undefined, string]>([
    ["semver", "b", undefined, "v1.2.3"],
    ["semver", "c", undefined, "v1.10.0"],
    ["semver", "c", "v1.3.0", "v1.3.0"],
    ["calendar", "b", undefined, "v2026.01.31-2"],
    ["calendar", "b", "v2026.01.31", "v2026.01.31"],
    ["{ pattern: prod-*, annotated: false }", "b", undefined, "prod-10"],
    ["{ pattern: v3.* }", "a", undefined, "v3.0.0-rc.1"],
  ])("%s on %s, asked for %s, is %s", async (policy, commit, wantedRelease, release) => {
    const asked = wantedRelease === undefined ? {} : { wantedRelease };
    const result = await verdict(`gates: { release: ${policy} }`, "release", facts(commit, asked));
    expect(result).toMatchObject({
      outcome: "pass",
      why: `${release} stands on ${short(commit)}`,
      evidence: { release },
    });
  });

  it.each<[string, Name, string | undefined, () => string]>([
    [
      "semver",
      "hotfix",
      undefined,
      () => `an annotated tag such as v1.2.3 on ${short("hotfix")}, found no tag`,
    ],
    ["semver", "a", undefined, () => `such as v1.2.3 on ${short("a")}, found v3.0.0-rc.1`],
    ["semver", "d", undefined, () => `on ${short("d")}, found v2.0.0, not annotated`],
    ["calendar", "c", undefined, () => "an annotated tag such as v2026.01.31 on"],
    ["{ pattern: prod-* }", "b", undefined, () => "found prod-7, prod-10, not annotated"],
    ["semver", "c", "v1.2.3", () => `expected v1.2.3 on ${short("c")}; it stands on ${short("b")}`],
    ["semver", "c", "v9.9.9", () => `expected v9.9.9 on ${short("c")}; there is no such tag`],
    ["semver", "c", "nightly", () => "found nightly, which is not like v1.2.3"],
    ["semver", "c", "--all", () => "expected --all on"],
  ])("%s is not on %s, asked for %s", async (policy, commit, wantedRelease, why) => {
    const asked = wantedRelease === undefined ? {} : { wantedRelease };
    const result = await verdict(`gates: { release: ${policy} }`, "release", facts(commit, asked));
    expect(result.outcome).toBe("fail");
    expect(result.why).toContain(why());
    expect(result.next).toMatch(
      /^cut an annotated tag such as \S+: sluice call cut-tag --name <tag> --commit [0-9a-f]{40}$/,
    );
  });

  it("is unknown while the remote does not answer", async () => {
    const result = await verdict(
      "gates: { release: semver }",
      "release",
      facts("c", { history: unreachable() }),
    );
    expect(result).toMatchObject({
      outcome: "fail",
      why: "can't be found out: github.com does not answer",
    });
  });

  it.each([
    ["semver", ["v01.2.3", "v1.2", "1.2.3.4", "v1.2.3-rc.1", "V1.2.3", "v1.2.3\n"]],
    ["calendar", ["v2026.02.30", "v2026.1.31", "v2026.13.01", "2026-01-31", "v2026.01.31-0"]],
  ] as const)("%s has no other form", (kind, names) => {
    const tags = names.map((name) => ({ name, commit: "c", annotated: true }));
    const policy = { kind, pattern: undefined, annotated: true };
    expect(releaseOf(policy, "c", tags).release).toBeUndefined();
  });

  it("may be written without v", () => {
    const policy = { kind: "semver", pattern: undefined, annotated: true } as const;
    const tags = ["1.9.0", "v1.10.0", "0.99.99"].map((name) => ({
      name,
      commit: "c",
      annotated: true,
    }));
    expect(releaseOf(policy, "c", tags)).toEqual({ release: "v1.10.0" });
  });
});

describe("the same release", () => {
  const keys = "gates: { release: semver, sameReleaseAs: staging }";
  const staging = (held: Awaited<ReturnType<GateFacts["holding"]>>) => ({
    holding: () => Promise.resolve(held),
  });

  it("passes when the other channel holds it", async () => {
    const held = staging(holding(at("b"), { release: "v1.2.3" }));
    expect(await verdict(keys, "same-release", facts("b", held))).toMatchObject({
      outcome: "pass",
      why: `staging holds v1.2.3 (${short("b")})`,
    });
  });

  it.each<[string, () => Awaited<ReturnType<GateFacts["holding"]>>, () => string, string]>([
    ["nothing", () => null, () => "it holds nothing", "promote v1.2.3 to staging first"],
    [
      "another one",
      () => holding(at("c"), { release: "v1.3.0" }),
      () => `it holds v1.3.0 (${short("c")})`,
      "promote v1.2.3 to staging first",
    ],
    [
      "a tag that was moved since",
      () => holding(at("a"), { release: "v1.2.3" }),
      () => `it holds v1.2.3 (${short("a")})`,
      "promote v1.2.3 to staging first",
    ],
    [
      "the commit under another tag",
      () => holding(at("b"), { release: "v1.2.2" }),
      () => `it holds v1.2.2 (${short("b")})`,
      "promote it as that one: --release v1.2.2",
    ],
    [
      "the commit without a tag",
      () => holding(at("b")),
      () => `it holds no release (${short("b")})`,
      "promote v1.2.3 to staging first",
    ],
    [
      "other images of it",
      () => holding(at("b"), { release: "v1.2.3", digests: otherDigests }),
      () => "other ones are of backend",
      "promote these images to staging first",
    ],
  ])("is refused when the other channel holds %s", async (_, held, why, next) => {
    const result = await verdict(keys, "same-release", facts("b", staging(held())));
    expect(result).toMatchObject({ outcome: "fail", next });
    expect(result.why).toContain(why());
  });

  it("is refused for a commit that is no release", async () => {
    const result = await verdict(keys, "same-release", facts("hotfix", staging(null)));
    expect(result.why).toContain("found no tag");
  });

  it("is unknown while the ledger can't be read", async () => {
    const broken = { holding: () => Promise.reject(new Error("ghcr.io answered 503")) };
    expect((await verdict(keys, "same-release", facts("b", broken))).why).toBe(
      "can't be found out: ghcr.io answered 503",
    );
  });
});

describe("the changelog", () => {
  const keys = "gates: { release: semver, changelog: true }";

  it("passes with a section for the release", async () => {
    expect(await verdict(keys, "changelog", facts("c"))).toMatchObject({
      outcome: "pass",
      why: "CHANGELOG.md has a section for v1.10.0",
    });
  });

  it("is refused without a file, and with a section that says nothing", async () => {
    expect(await verdict(keys, "changelog", facts("b"))).toMatchObject({
      outcome: "fail",
      why: `expected a section "## 1.2.3" in CHANGELOG.md; ${short("b")} has no such file`,
      next: "write it, commit it, and cut the tag on that commit",
    });
    expect(await verdict(keys, "changelog", facts("c", { wantedRelease: "v1.3.0" }))).toMatchObject(
      {
        outcome: "fail",
        why: 'expected a section "## 1.3.0" in CHANGELOG.md; found none, or an empty one',
      },
    );
  });

  it("is unknown while the remote does not answer", async () => {
    const result = await verdict(keys, "changelog", facts("c", { history: unreachable() }));
    expect(result.why).toBe("can't be found out: github.com does not answer");
  });

  it.each([
    ["## [1.2.3] - 2026-01-01\n- x\n", "- x"],
    ["## 1.2.3\r\n- x\r\n## 1.2.2\r\n- y", "- x"],
    ["## v1.2.3 (2026-01-01)\n### Added\n- x\n# End\n", "### Added\n- x"],
    ["## [v1.2.3](https://example.com)\n- x", "- x"],
    ["```\n## 1.2.3\n- no\n```\n## 1.2.3\n```md\n## 9\n```", "```md\n## 9\n```"],
    ["## 1.2.30\n- x", undefined],
    ["## 1.2.3-rc.1\n- x", undefined],
    ["## 1.2.3\n\n### Added\n", undefined],
    ["## 1.2.3\n<!-- to be\nwritten -->\n[1.2.3]: https://example.com\n## 1.2.2\n- x", undefined],
    ["<!--\n## 1.2.3\n- x\n-->", undefined],
    ["1.2.3\n- x", undefined],
    ["", undefined],
  ])("%j says %j of v1.2.3", (text, expected) => {
    expect(changelogSection(text, "v1.2.3")).toBe(expected);
  });
});
