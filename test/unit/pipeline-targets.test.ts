import { describe, expect, it } from "vitest";
import { SluiceError } from "../../.dagger/src/error.ts";
import type { Pipeline } from "../../.dagger/src/pipeline/model.ts";
import { parsePipeline } from "../../.dagger/src/pipeline/parse.ts";

const base = `version: 1
name: shop
services:
  api: { port: 8080, probe: { path: /healthz } }
  web: { port: 3000, probe: { path: / } }
  scraper: { job: {} }
registries:
  ghcr: { address: ghcr.io/acme }
  hub: { address: docker.io/acme }
  own: { address: "localhost:5000/acme", service: {} }
scopes: { infra: ["infra/**"], migrations: ["api/migrations/**"] }
channels:
  live: { verifyFrom: hub, gates: { release: calendar } }
  staging: {}
`;

const parse = (more: string): Pipeline => parsePipeline(`${base}${more}`, "release.yaml");

function refusal(more: string): string[] {
  try {
    parse(more);
  } catch (error) {
    if (error instanceof SluiceError) return error.reason.split("\n");
    throw error;
  }
  throw new Error("the file was accepted");
}

describe("a target", () => {
  it("on Fly.io is read with its defaults filled in", () => {
    const { targets } = parse(`targets:
  cloud:
    channel: live
    url: https://acme.fly.dev
    version: {}
    fly: { app: acme-api, service: api }
`);
    expect(targets).toMatchObject([
      {
        ...{ name: "cloud", channel: "live", registry: "hub", environment: "cloud" },
        ...{ url: { text: "https://acme.fly.dev" }, probes: [], pages: [], steps: [] },
        version: { path: "/api/version", commit: "commit_sha" },
        platform: {
          ...{ kind: "fly", app: { text: "acme-api" }, service: "api", waitTimeoutMs: 300_000 },
          ...{ strategy: undefined, mirror: undefined, regions: [] },
          endpoints: {
            ...{ api: "https://api.fly.io", machines: "https://api.machines.dev" },
            registry: "registry.fly.io",
          },
        },
      },
    ]);
  });

  it("on a Compose host has slots, steps and a URL of each slot", () => {
    const { targets } = parse(`targets:
  staging:
    channel: staging
    url: https://staging-{slot}.example.com
    probe: { path: /healthz }
    watch: 2m
    steps:
      - { name: infra, scopes: [infra], image: "hashicorp/terraform:1.13", command: [apply] }
    compose:
      host: { setting: STAGING_HOST }
      directory: /srv/shop
      slots: 3
      migrate: { service: api, command: [migrate] }
      maintenance: { on: [touch, on], off: [rm, on] }
`);
    expect(targets[0]).toMatchObject({
      ...{ registry: "ghcr", watchMs: 120_000 },
      steps: [{ name: "infra", scopes: ["infra"], command: ["apply"], timeoutMs: 1_800_000 }],
      platform: {
        ...{ kind: "compose", host: { setting: "STAGING_HOST" }, slots: 3, project: undefined },
        ...{ key: "DEPLOY_SSH_KEY", knownHosts: "DEPLOY_KNOWN_HOSTS", waitTimeoutMs: 120_000 },
      },
    });
  });

  it("on Container Apps takes every name of the organisation from settings", () => {
    const { targets } = parse(`targets:
  azure:
    channel: live
    url: { setting: SITE_URL }
    probe: { path: /healthz }
    containerApps:
      apps: { api: { setting: ACA_API_APP_NAME }, web: { setting: ACA_WEB_APP_NAME } }
      migration: { job: { setting: ACA_MIGRATE_JOB_NAME }, service: api, scopes: [migrations] }
`);
    expect(targets[0]?.platform).toMatchObject({
      kind: "containerApps",
      subscription: { setting: "AZURE_SUBSCRIPTION_ID" },
      apps: { api: { setting: "ACA_API_APP_NAME" } },
      migration: { service: "api", scopes: ["migrations"], timeoutMs: 600_000 },
      endpoint: "https://management.azure.com",
    });
  });

  const fly = (more: string) =>
    `targets:\n  t:\n    channel: live\n    fly: { service: api }\n${more}`;

  it.each([
    [
      "targets:\n  t: { channel: live }\n",
      "targets.t: expected one of fly, compose and containerApps, found none",
    ],
    [
      "targets:\n  t: { channel: live, fly: { service: api }, containerApps: { apps: { api: a } } }\n",
      "expected one of fly, compose and containerApps, found 2",
    ],
    [
      "targets:\n  t: { channel: lve, fly: { service: api } }\n",
      'no channel is called "lve"; did you mean "live"?',
    ],
    [fly("    registry: hbu\n"), 'no registry is called "hbu"; did you mean "hub"?'],
    [
      "targets:\n  t: { channel: live, registry: own, fly: { service: api } }\n",
      "targets.t: pulls from registry own, which runs inside the engine",
    ],
    [
      "targets:\n  t: { channel: live, fly: {} }\n",
      "missing service; expected the one whose image the app runs: api, web",
    ],
    [
      "targets:\n  t: { channel: live, fly: { service: ap } }\n",
      'fly.service: no service is called "ap"; did you mean "api"?',
    ],
    [fly("    pages: [{ path: / }]\n"), "pages: missing url; expected the one that pages is asked"],
    [fly("    url: ftp://x\n    version: {}\n"), "url: expected a URL such as"],
    [fly("    url: https://a:b@x.example.com\n    version: {}\n"), "url: expected a URL such as"],
    [fly("    url: https://x.example.com\n"), "is not asked anything; expected probe or version"],
    [
      fly("    url: https://{slot}.example.com\n    version: {}\n"),
      "has {slot}, but the target has no slots",
    ],
    [
      "targets:\n  t: { channel: live, url: https://x.example.com, version: {}, compose: { host: h, directory: /srv, slots: 2 } }\n",
      "expected {slot} in it: each slot is found elsewhere",
    ],
    [
      fly("    steps: [{ name: a, scopes: [infr], image: a, command: [a] }]\n"),
      'steps[0].scopes[0]: no scope is called "infr"; did you mean "infra"?',
    ],
    [
      fly(
        "    steps: [{ name: a, image: a, command: [a] }, { name: a, image: b, command: [b] }]\n",
      ),
      'another step is called "a", too',
    ],
    [
      "targets:\n  t: { channel: live, compose: { host: h, directory: /srv/../etc } }\n",
      "directory: expected an absolute path",
    ],
    [
      "targets:\n  t: { channel: live, compose: { host: h, directory: '/srv/$(id)' } }\n",
      "directory: expected an absolute path",
    ],
    [
      "targets:\n  t: { channel: live, compose: { host: { setting: '--x' }, directory: /srv } }\n",
      "expected a variable name",
    ],
    [
      "targets:\n  t: { channel: live, fly: { service: api, strategy: bluegren } }\n",
      'expected "rolling" or "immediate" or "canary" or "bluegreen"',
    ],
  ])("is refused with the reason: %j", (text, expected) => {
    expect(refusal(text).join("\n")).toContain(expected);
  });
});

describe("announcements", () => {
  it("are read with their defaults filled in", () => {
    const { announcements } = parse(`announcements:
  github:
    deployments: true
    issues: true
    releases: { channels: [live] }
    discussions:
      live: { channels: [live], merges: main, title: Live, category: Deployments, label: live }
  webhook: { url: { setting: RELEASE_WEBHOOK_URL }, secret: RELEASE_WEBHOOK_SECRET }
  markdown: docs/releases.md
`);
    expect(announcements).toMatchObject({
      github: {
        ...{ repository: undefined, api: undefined, deployments: true },
        issues: { labels: ["release-failure"] },
        releases: { channels: ["live"], changelog: "CHANGELOG.md" },
        discussions: [
          {
            ...{ name: "live", channels: ["live"], merges: "main", title: "Live" },
            ...{ category: "Deployments", label: "live", body: undefined, template: undefined },
          },
        ],
      },
      webhook: { url: { setting: "RELEASE_WEBHOOK_URL" }, secret: "RELEASE_WEBHOOK_SECRET" },
      markdown: "docs/releases.md",
    });
  });

  it("are nobody's, unless the file says so", () => {
    expect(parse("").announcements).toEqual({
      github: undefined,
      webhook: undefined,
      markdown: undefined,
    });
  });

  it.each([
    [
      "{ github: { discussions: { d: { title: T, category: C } } } }",
      "discussions.d: tells of nothing; expected channels or merges",
    ],
    [
      "{ github: { discussions: { d: { title: T, category: C, channels: [liv] } } } }",
      'discussions.d.channels[0]: no channel is called "liv"; did you mean "live"?',
    ],
    [
      "{ github: { releases: { channels: [staging] } } }",
      "channel staging has no gates.release: a GitHub release needs the tag that was promoted",
    ],
    ["{ github: { repository: acme } }", "expected a repository such as acme/shop"],
  ])("are refused with the reason: %s", (text, expected) => {
    expect(refusal(`announcements: ${text}\n`).join("\n")).toContain(expected);
  });
});
