import { access } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nonce } from "../support/containers.ts";
import { healthyService, pipelineFile, serviceImage } from "../support/oneService.ts";
import { type OutsideRegistry, outsideRegistry } from "../support/outsideRegistry.ts";
import { ReleaseRepository } from "../support/releaseRepository.ts";
import { removeVolumesOf } from "../support/releaseVolumes.ts";

/**
 * What people and scripts may type or write wrong. Every answer says what and where on its first
 * line, and what to do next; nothing is started for it, and no registry is written to.
 */
interface Case {
  title: string;
  args: readonly string[];
  /** Files of the environment's variables. */
  env?: Record<string, string>;
  error: string | RegExp;
  /** What stands in the lines below. */
  shown?: RegExp;
  next: string;
  /** Default: 1. */
  code?: number;
}

const name = `test-input-${nonce()}`;
const marker = join(tmpdir(), `sluice-input-${nonce()}`);
const nobody = "0".repeat(40);

const file = (lines: string[]) => ["version: 1", "name: shop", ...lines, ""].join("\n");

/** Pipeline files with something wrong. */
const faulty = {
  "unknown-key.yaml": file([
    "services:",
    "  backend:",
    "    port: 8080",
    "    healthcheck: { path: / }",
    "registries: { one: { address: ghcr.io/acme } }",
  ]),
  "wrong-type.yaml": file([
    "services:",
    "  backend: { port: http, probe: { path: / } }",
    "registries: { one: { address: ghcr.io/acme } }",
  ]),
  "no-yaml.yaml": file(["services: [", "  backend: {"]),
  "two-faults.yaml": file([
    "services:",
    "  web: { port: 80, probe: { path: healthz }, needs: [bakend] }",
    "  backend: { port: 80, probe: { path: / } }",
    "registries: { one: { address: ghcr.io/acme } }",
  ]),
};

const cases: Case[] = [
  {
    title: "an unknown key in the pipeline file",
    args: ["--pipeline", "unknown-key.yaml", "publish", "json"],
    error:
      'unknown-key.yaml:6:5 services.backend.healthcheck: unknown key "healthcheck"; did you mean "probe"? [PIPELINE_INVALID]',
    next: "correct the file",
  },
  {
    title: "a value of the wrong kind",
    args: ["--pipeline", "wrong-type.yaml", "promote", "--channel", "prod", "json"],
    error:
      'wrong-type.yaml:4:20 services.backend.port: expected a port between 1 and 65535, found "http" [PIPELINE_INVALID]',
    next: "correct the file",
  },
  {
    title: "a pipeline file that is no YAML",
    args: ["--pipeline", "no-yaml.yaml", "status", "json"],
    error: /^no-yaml\.yaml:\d+:\d+ .*\(and 1 more\) \[PIPELINE_INVALID\]$/,
    shown: /no-yaml\.yaml:5:1 Flow map .* must .* end with a }/,
    next: "",
  },
  {
    title: "several faults of a pipeline file, all at once",
    args: ["--pipeline", "two-faults.yaml", "validate"],
    error:
      /^two-faults\.yaml:4:35 services\.web\.probe\.path: .*\(and 1 more\) \[PIPELINE_INVALID\]$/,
    shown:
      /expected a path that starts with a slash.*\ntwo-faults\.yaml:4:54 services\.web\.needs\[0\]: .*; did you mean "backend"\?$/m,
    next: "correct the file",
  },
  {
    title: "a pipeline file that is not there",
    args: ["--pipeline", "relase.yaml", "publish", "json"],
    error: /^relase\.yaml: the source has no such file .*\[PIPELINE_NOT_FOUND\]$/,
    next: "--pipeline",
  },
  {
    title: "a pipeline file outside the source",
    args: ["--pipeline", "../../../../etc/passwd", "publish", "json"],
    error: /\[PIPELINE_NOT_FOUND\]$/,
    next: "--pipeline",
  },
  {
    title: "an unknown channel",
    args: ["promote", "--channel", "prd", "json"],
    error: 'release.yaml has no channel "prd"; did you mean "prod"? [CHANNEL_UNKNOWN]',
    next: "name one of: prod",
  },
  {
    title: "an unknown registry",
    args: ["smoke-verify", "--registry", "r3", "json"],
    error: 'release.yaml has no registry "r3"; did you mean "r1"? [REGISTRY_UNKNOWN]',
    next: "name one of: r1",
  },
  {
    title: "an unknown service",
    args: ["build", "--service", "backed", "json"],
    error: 'release.yaml has no service "backed"; did you mean "backend"? [SERVICE_UNKNOWN]',
    next: "name one of: backend",
  },
  {
    title: "an abbreviated commit",
    args: ["publish", "--commit", "1234abc", "json"],
    error: '--commit: expected 40 hexadecimal digits, got "1234abc" [COMMIT_INVALID]',
    next: "git rev-parse",
  },
  {
    title: "a commit that is not in the repository",
    args: ["publish", "--commit", nobody, "json"],
    error: new RegExp(
      `^${nobody} can't be read from the source's repository: .* \\[COMMIT_UNKNOWN\\]$`,
    ),
    next: "fetch it, or check the id",
  },
  {
    title: "a commit that was never published",
    args: ["promote", "--channel", "prod", "--commit", nobody, "json"],
    error: new RegExp(
      `^${nobody} was never published: \\S+/app/backend:sha-${nobody} not found \\[CANDIDATE_NOT_FOUND\\]$`,
    ),
    next: `publish it: sluice call publish --commit ${nobody}`,
  },
  {
    title: "a tag that is not there",
    args: ["smoke-verify", "--tag", "nightly", "json"],
    error: /^\S+\/app\/backend:nightly not found \[TAG_NOT_FOUND\]$/,
    next: "--commit",
  },
  {
    title: "an empty token",
    args: ["--ghcr-token", "env:TOKEN", "publish", "json"],
    env: { TOKEN: "\n" },
    error: "the password or token for ghcr.io is empty [REGISTRY_AUTH_INVALID]",
    next: "look at the variable or file",
  },
  {
    title: "a variable that is not set",
    args: ["--ghcr-token", "env:SLUICE_TEST_NOT_SET", "publish", "json"],
    code: 1,
    error: /SLUICE_TEST_NOT_SET/,
    next: "",
  },
  {
    title: "a Docker configuration whose credentials are in a helper",
    args: ["--registry-auth", "env:CONFIG", "publish", "json"],
    env: { CONFIG: '{"auths":{"ghcr.io":{}},"credsStore":"desktop"}' },
    error:
      "registry-auth holds no credentials: Docker keeps them in a credential helper [REGISTRY_AUTH_INVALID]",
    next: "--ghcr-token",
  },
  {
    title: "a Docker configuration that is none",
    args: ["--registry-auth", "env:CONFIG", "publish", "json"],
    env: { CONFIG: "hunter2-hunter2" },
    error: "registry-auth is not a Docker config.json [REGISTRY_AUTH_INVALID]",
    next: "--registry-auth file:",
  },
  {
    title: "a tag with a command in it",
    args: ["smoke-verify", "--tag", `$(touch ${marker})`, "json"],
    error: `--tag: expected a tag of at most 128 letters, digits, dots, underscores and hyphens, got "$(touch ${marker})" [TAG_INVALID]`,
    next: "",
  },
  {
    title: "a commit with a command in it",
    args: ["publish", "--commit", `${nobody};touch ${marker}`, "json"],
    error: `--commit: expected 40 hexadecimal digits, got "${nobody};touch ${marker}" [COMMIT_INVALID]`,
    next: "git rev-parse",
  },
  {
    title: "evidence of a commit that leads elsewhere",
    args: ["evidence", "--commit", "../../etc", "entries"],
    error: '--commit: expected 40 hexadecimal digits, got "../../etc" [COMMIT_INVALID]',
    next: "git rev-parse",
  },
  {
    title: "a tag that leads to another repository",
    args: ["smoke-verify", "--tag", "../../../other/manifests/prod", "json"],
    error: /^--tag: expected a tag .*, got "\.\.\/.*" \[TAG_INVALID\]$/,
    next: "such as prod",
  },
  {
    title: "a channel that looks like a flag",
    args: ["promote", "--channel=--allow-failure", "json"],
    error: /^release\.yaml has no channel "--allow-failure".*\[CHANNEL_UNKNOWN\]$/,
    next: "name one of: prod",
  },
  {
    title: "a version on two lines",
    args: ["build", "--version", "1.0\nLABEL x=y", "json"],
    error: '--version: expected text on one line, got "1.0\\nLABEL x=y" [ARGUMENTS_INVALID]',
    next: "",
  },
];

let registry: OutsideRegistry;
let repository: ReleaseRepository;

beforeAll(async () => {
  registry = await outsideRegistry();
  repository = await ReleaseRepository.create({
    ...serviceImage,
    ...faulty,
    "release.yaml": pipelineFile(name, healthyService, [registry.host]),
  });
});
afterAll(async () => {
  await Promise.all([registry.stop(), repository.remove()]);
  await removeVolumesOf(name, []);
});

describe.concurrent("nothing happens, and the answer helps, with", () => {
  test.each(cases.map((one) => [one.title, one] as const))("%s", async (_title, one) => {
    await refusedAtOnce(repository, one);
  });

  test("changes that are not committed", async () => {
    const dirty = await ReleaseRepository.create({
      ...serviceImage,
      "release.yaml": pipelineFile(name, healthyService, [registry.host]),
    });
    const head = (await dirty.head()).slice(0, 12);
    await dirty.write({ "srv/healthz": null, "srv/new page": "new", Dockerfile: "FROM scratch\n" });
    await refusedAtOnce(dirty, {
      args: ["publish", "json"],
      error: `the source differs from its commit ${head}: Dockerfile, srv/healthz, srv/new page [SOURCE_DIRTY]`,
      next: "commit or stash",
    });
    await dirty.remove();
  });

  test("a source that is no git repository", async () => {
    const bare = await ReleaseRepository.create({
      ...serviceImage,
      "release.yaml": pipelineFile(name, healthyService, [registry.host]),
    });
    await bare.write({ ".git": null });
    await refusedAtOnce(bare, {
      args: ["publish", "json"],
      error:
        "which commit is meant is not known: the source has no git repository [COMMIT_UNKNOWN]",
      next: "--commit",
    });
    await bare.remove();
  });

  test("a source without a pipeline file", async () => {
    const bare = await ReleaseRepository.create(serviceImage);
    await refusedAtOnce(bare, {
      args: ["publish", "json"],
      error: /^release\.yaml: the source has no such file .*\[PIPELINE_NOT_FOUND\]$/,
      next: "sluice init",
    });
    await bare.remove();
  });

  test("Sluice's own repository, as Dagger takes it without --source", async () => {
    const own = await ReleaseRepository.create(serviceImage);
    await own.write({ "dagger.json": '{ "name": "sluice", "source": ".dagger" }' });
    for (const args of [["validate"], ["publish", "json"], ["promote", "--channel", "prod"]]) {
      await refusedAtOnce(own, {
        args,
        error:
          "no release.yaml: without --source, the source is Sluice's own repository [SOURCE_NOT_GIVEN]",
        next: "add --source .",
      });
    }
    await own.remove();
  });
});

test("no registry was written to, and no command in a value was run", async () => {
  expect(registry.front.seen.filter((request) => !/^(?:GET|HEAD) /.test(request))).toEqual([]);
  expect(await registry.tags("app/backend")).toEqual({});
  await expect(access(marker)).rejects.toMatchObject({ code: "ENOENT" });
});

async function refusedAtOnce(
  source: ReleaseRepository,
  { args, env, error, shown = /^/, next, code = 1 }: Omit<Case, "title">,
): Promise<void> {
  const refused = await source.refused(args, env === undefined ? {} : { env });
  expect(refused.code).toBe(code);
  if (typeof error === "string") expect(refused.error).toBe(error);
  else expect(refused.error).toMatch(error);
  expect(refused.stderr).toMatch(shown);
  expect(refused.next).toContain(next);
  expect(refused.stdout).toBe("");
  for (const value of Object.values(env ?? {})) {
    if (value.trim() !== "") expect(refused.stderr).not.toContain(value);
  }
  expect(refused.started).toEqual([]);
}
