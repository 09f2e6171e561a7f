import { describe, expect, it } from "vitest";
import { SluiceError } from "../../.dagger/src/error.ts";
import { parsePipeline } from "../../.dagger/src/pipeline/parse.ts";

const head = `
version: 1
name: Shop & Café
services: { web: { port: 80, probe: { path: / } } }
registries: { ghcr: { address: ghcr.io/acme }, hub: { address: docker.io/acme } }
`;

const parse = (text: string) => parsePipeline(`${head}${text}`, "release.yaml");

/** The faults that a file is refused with, without their positions. */
function faults(text: string): string[] {
  try {
    parse(text);
  } catch (error) {
    expect(error).toBeInstanceOf(SluiceError);
    return (error as SluiceError).reason
      .split("\n")
      .map((line) => line.replace(/^release.yaml:\d+:\d+ /, "").replace(/ \(and \d+ more\)$/, ""));
  }
  throw new Error("the file was accepted");
}

const gates = (text: string) => `channels: { staging: {}, prod: { gates: { ${text} } } }`;

describe("what a release demands", () => {
  it("is nothing, unless the file says so", () => {
    const pipeline = parse("channels: { prod: {} }");
    expect(pipeline).toMatchObject({
      git: { remote: undefined },
      ledger: { registry: "ghcr", repository: "shop-cafe-ledger" },
      scopes: {},
      compose: undefined,
    });
    expect(pipeline.channels[0]).toEqual({
      name: "prod",
      tag: "prod",
      order: 1,
      verifyFrom: "ghcr",
      after: [],
      branch: undefined,
      notices: [],
      gates: {
        onBranch: undefined,
        headOf: undefined,
        release: undefined,
        sameReleaseAs: undefined,
        checks: undefined,
        changelog: undefined,
        referrers: [],
        signed: undefined,
        window: undefined,
        approvals: undefined,
        settings: [],
      },
    });
  });

  it("is read with its defaults filled in", () => {
    const pipeline = parse(`
git: { remote: "https://github.com/acme/shop.git" }
ledger: { registry: hub, repository: ops/ledger }
scopes:
  runtime: ["backend/**", "!**/*.md"]
  infra: [infra/**]
compose: { file: ./compose.release.yaml, channel: prod }
channels:
  main: {}
  live: { gates: { release: calendar } }
  prod:
    after: [main, live]
    branch: production
    gates:
      onBranch: main
      headOf: release/2026
      release: { pattern: "prod-*", annotated: false }
      sameReleaseAs: live
      checks: [unit, e2e]
      changelog: true
      referrers: [application/spdx+json, application/vnd.in-toto+json]
      window: { days: [mon, fri], from: "09:00", to: "17:30", timezone: Europe/Berlin }
      approvals: { count: 2, from: [ada, grace] }
      settings: [AZURE_TENANT_ID]
`);
    expect(pipeline).toMatchObject({
      git: { remote: "https://github.com/acme/shop.git" },
      ledger: { registry: "hub", repository: "ops/ledger" },
      scopes: { runtime: ["backend/**", "!**/*.md"], infra: ["infra/**"] },
      compose: { file: "compose.release.yaml", channel: "prod", registry: "ghcr" },
    });
    expect(pipeline.channels[2]).toEqual({
      name: "prod",
      tag: "prod",
      order: 3,
      verifyFrom: "ghcr",
      after: ["main", "live"],
      branch: "production",
      notices: [],
      gates: {
        onBranch: "main",
        headOf: "release/2026",
        release: { kind: "pattern", pattern: "prod-*", annotated: false },
        sameReleaseAs: "live",
        checks: ["unit", "e2e"],
        changelog: "CHANGELOG.md",
        referrers: ["application/spdx+json", "application/vnd.in-toto+json"],
        window: {
          days: ["mon", "fri"],
          fromMinute: 540,
          toMinute: 1050,
          timezone: "Europe/Berlin",
        },
        approvals: { count: 2, from: ["ada", "grace"] },
        settings: ["AZURE_TENANT_ID"],
      },
    });
  });

  it.each([
    ["checks: true", { checks: true }],
    ["approvals: 1", { approvals: { count: 1, from: undefined } }],
    ["approvals: { from: [ada] }", { approvals: { count: 1, from: ["ada"] } }],
    ["release: semver", { release: { kind: "semver", annotated: true } }],
    ["release: { pattern: prod-* }", { release: { pattern: "prod-*", annotated: true } }],
    ["release: semver, changelog: docs/NEWS.md", { changelog: "docs/NEWS.md" }],
    [
      'window: { from: "22:00", to: "04:00" }',
      { window: { fromMinute: 1320, toMinute: 240, timezone: "UTC", days: { length: 7 } } },
    ],
    ['window: { days: [sun], to: "24:00" }', { window: { fromMinute: 0, toMinute: 1440 } }],
  ])("may be written %s", (text, expected) => {
    expect(parse(gates(text)).channels[1]?.gates).toMatchObject(expected);
  });
});

describe("a gate is refused", () => {
  it.each([
    ["onBrnch: main", 'onBrnch: unknown key "onBrnch"; did you mean "onBranch"?'],
    ["onBranch: --force", "onBranch: expected the name of a branch, such as main or release/2026"],
    ["release: semvr", 'release: expected "semver" or "calendar", found "semvr"'],
    ["release: { pattern: --all }", "release.pattern: expected a glob of tag names"],
    ["release: { pattern: 'a[' }", "release.pattern: expected a glob of tag names"],
    ["release: { annotated: true }", "release.pattern: missing"],
    ["checks: false", "checks: expected true"],
    ["checks: []", "checks: expected at least one check"],
    ["changelog: true", "changelog: needs release"],
    ["release: semver, changelog: ../up", "changelog: expected a path inside the repository"],
    ["sameReleaseAs: staging", "sameReleaseAs: needs release"],
    [
      "release: semver, sameReleaseAs: staging",
      "sameReleaseAs: channel staging holds no releases; expected release among its gates, too",
    ],
    ["release: semver, sameReleaseAs: prod", "sameReleaseAs: a channel can't wait for itself"],
    [
      "release: semver, sameReleaseAs: stagin",
      'sameReleaseAs: no channel is called "stagin"; did you mean "staging"?',
    ],
    ["referrers: [spdx]", "referrers[0]: expected an artifact type such as application/spdx+json"],
    ["window: { days: [monday] }", 'window.days[0]: expected "mon" or "tue"'],
    ["window: { days: [] }", "window.days: expected at least one day"],
    ['window: { from: "9:00" }', "window.from: expected a time from"],
    ['window: { to: "24:01" }', "window.to: expected a time from"],
    ['window: { from: "10:00", to: "10:00" }', "window: expected a window that opens before"],
    ["window: { timezone: Mars/Base }", "window.timezone: expected a time zone such as"],
    ["approvals: 0", "approvals: expected a number of people, at least 1, found 0"],
    [
      "approvals: { count: 2, from: [ada, ada] }",
      "approvals: expected at least 2 different names in from, found 1",
    ],
    ["settings: [A-B]", "settings[0]: expected a variable name"],
  ])("when it is %s", (text, expected) => {
    const [only, ...others] = faults(gates(text));
    expect(others).toEqual([]);
    expect(only).toContain(`channels.prod.gates.${expected}`);
  });

  it("with everything that is wrong at once", () => {
    expect(faults(gates("onBranch: a..b, checks: 3, settings: ['']"))).toHaveLength(3);
  });
});

describe("channels are refused", () => {
  it.each([
    [
      "{ a: { after: [b] }, b: {} }",
      ["channels.a.after[0]: b has order 2; expected one below 1, the order of a"],
    ],
    ["{ a: {}, b: { after: [a, a] } }", ["channels.b.after[1]: a is listed twice"]],
    ["{ a: { after: [a] } }", ["channels.a.after[0]: a channel can't wait for itself"]],
    [
      "{ a: {}, b: { after: [c] } }",
      ['channels.b.after[0]: no channel is called "c"; did you mean "a"?'],
    ],
    [
      "{ a: { after: [c] }, b: { after: [a] }, c: { after: [b] } }",
      ["channels.a: channels wait for each other: a → c → b → a"],
    ],
    [
      "{ a: { branch: live }, b: { branch: live } }",
      ['channels.b.branch: channel a moves the branch "live", too'],
    ],
    [
      "{ a: { branch: live, gates: { headOf: live } } }",
      [
        "channels.a.gates.headOf: live is the branch that the promotion moves; expected the one that commits come from",
      ],
    ],
    ["{ a: {}, b: { tag: a } }", ['channels.b: channel a moves the tag "a", too']],
  ])("%s", (text, expected) => {
    expect(faults(`channels: ${text}`)).toEqual(expected);
  });

  it("unless what they wait for comes before", () => {
    const { channels } = parse("channels: { a: { order: 5, after: [b] }, b: { order: 4 } }");
    expect(channels.map(({ name, after }) => [name, after])).toEqual([
      ["b", []],
      ["a", ["b"]],
    ]);
  });

  it.each([
    "--upload-pack=x",
    "-x",
    ".a",
    "a/.b",
    "a..b",
    "a.lock",
    "a/b.lock/c",
    "a b",
    "a~1",
    "a^",
    "a:b",
    "a?",
    "a*",
    "a[",
    "a\\b",
    "a@{1}",
    "@",
    "HEAD",
    "a/",
    "/a",
    "a//b",
    "a.",
    "a\u0001",
    "",
    "refs/heads/a",
    "a".repeat(256),
  ])("when their branch is %j", (branch) => {
    expect(faults(`channels: { a: { branch: ${JSON.stringify(branch)} } }`)[0]).toContain(
      "channels.a.branch: expected the name of a branch",
    );
  });

  it.each(["main", "release/2026", "été", "a-b_c.d", "feature/#12", "$(id)"])(
    "but not when their branch is %j",
    (branch) => {
      const { channels } = parse(`channels: { a: { branch: ${JSON.stringify(branch)} } }`);
      expect(channels[0]?.branch).toBe(branch);
    },
  );
});

describe("other sections are refused", () => {
  it.each([
    [
      "git: { remote: https://u:p@example.com/x }",
      "git.remote: expected a git URL without credentials",
    ],
    ["git: { remote: --upload-pack=x }", "git.remote: expected a git URL"],
    ["git: { remote: 'ext::sh -c x' }", "git.remote: expected a git URL"],
    [
      "ledger: { registry: hubb }",
      'ledger.registry: no registry is called "hubb"; did you mean "hub"?',
    ],
    [
      "ledger: { repository: web }",
      'services.web: is published as "web", where the ledger is kept',
    ],
    ["ledger: { repository: UP }", "ledger.repository: expected a repository name in lower case"],
    ["scopes: { a: [] }", "scopes.a: expected at least one glob"],
    ['scopes: { a: ["!b"] }', "scopes.a: expected at least one glob"],
    [
      'scopes: { a: ["/etc/**"] }',
      "scopes.a[0]: expected a glob of paths from the repository's root",
    ],
    ['scopes: { a: ["a/../b"] }', "scopes.a[0]: expected a glob of paths"],
    ['scopes: { a: ["a[b"] }', "scopes.a[0]: expected a glob of paths"],
    ["compose: { channel: a }", "compose.file: missing"],
    ["compose: { file: c.yaml, channel: a }", 'compose.channel: no channel is called "a"'],
    [
      "channels: { a: {} }\ncompose: { file: c.yaml, channel: a, registry: x }",
      'compose.registry: no registry is called "x"',
    ],
  ])("when the file says %s", (text, expected) => {
    const [only, ...others] = faults(text);
    expect(others).toEqual([]);
    expect(only).toContain(expected);
  });

  it.each([
    "git@github.com:acme/shop.git",
    "ssh://git@example.com:2222/srv/x.git",
    "file:///srv/x.git",
  ])("but not when the remote is %s", (remote) => {
    expect(parse(`git: { remote: "${remote}" }`).git.remote).toBe(remote);
  });
});
