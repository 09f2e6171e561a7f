import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { verificationSchema } from "../../.dagger/src/verify/model.ts";
import { nonce } from "../support/containers.ts";
import { healthyService, pipelineFile, serviceImage, shell } from "../support/oneService.ts";
import { type OutsideRegistry, outsideRegistry } from "../support/outsideRegistry.ts";
import { ReleaseRepository } from "../support/releaseRepository.ts";
import { removeVolumesOf } from "../support/releaseVolumes.ts";

/**
 * What a service or job under verification may do wrong. One image is released; each case runs it
 * with a command of its own, by a pipeline file of its own, and asks to move prod to it.
 */
interface Case {
  title: string;
  /** Name of the case's pipeline file. */
  name: string;
  service: Record<string, unknown>;
  /** The error's first line, without its code. */
  error: string | RegExp;
  /** What has to stand in the shown excerpt of the log, too. */
  log?: string;
}

const probe = { path: "/healthz", deadline: "2s" };
const served = (script: string, more: object = {}) => ({
  port: 8080,
  probe: { ...probe, ...more },
  command: shell(script),
});
/** Answers every request by the image's script. */
const answering = (args: string) => `exec nc -ll -p 8080 -e sh /srv/answer ${args}`;
const wanted = "status 200 from GET :8080/healthz within 2 s";

const cases: Case[] = [
  {
    title: "exits at once",
    name: "exits",
    service: served("echo reading config; echo 'no config.yml' >&2; exit 3"),
    error: "backend: ended before it was healthy, exit code 3; its last line: no config.yml",
    log: "| reading config",
  },
  {
    title: "exits after it was healthy",
    name: "dies",
    service: served("httpd -p 8080 -h /srv; sleep 1; echo out of memory; exit 137", {
      stableFor: "20s",
    }),
    error:
      "backend: ended after it was healthy, exit code 137 (SIGKILL, often for lack of memory); its last line: out of memory",
  },
  {
    title: "accepts connections and never answers",
    name: "hangs",
    service: served("echo up; exec nc -ll -p 8080 -e sleep 1000"),
    error: /^backend: expected status 200 from GET :8080\/healthz within 2 s, got no answer within/,
    log: "| up",
  },
  {
    title: "answers 500",
    name: "fails",
    service: served(answering("500 'no database'")),
    error: `backend: expected ${wanted}, got status 500: no database`,
  },
  {
    title: "answers only after the deadline",
    name: "late",
    service: served(answering("200 ok 10")),
    error: /^backend: expected status 200 from GET :8080\/healthz within 2 s, got no answer within/,
  },
  {
    title: "listens on another port",
    name: "astray",
    service: served("exec httpd -f -p 3000 -h /srv"),
    error: `backend: expected ${wanted}, got nothing listens on port 8080 (the container is running; it listens on: 3000)`,
  },
  {
    title: "listens on loopback only",
    name: "shy",
    service: served("exec httpd -f -p 127.0.0.1:8080 -h /srv"),
    error: `backend: expected ${wanted}, got port 8080 is open on 127.0.0.1 only, out of reach for others; listen on 0.0.0.0`,
  },
  {
    title: "floods its log and never serves",
    name: "floods",
    service: served("exec yes this is no time to listen"),
    error: `backend: expected ${wanted}, got nothing listens on port 8080 (the container is running; it listens on no port)`,
    log: "| this is no time to listen",
  },
  {
    title: "is not there",
    name: "absent",
    service: { ...served(""), command: ["serve", "--port", "8080"] },
    error:
      /^backend: ended before it was healthy, exit code 127 \(the command was not found\); its last line: serve: not found in PATH/,
  },
  {
    title: "is a job that exits 3",
    name: "job-fails",
    service: { job: { command: shell("echo 0 items; exit 3") } },
    error: "backend: expected exit code 0, got exit code 3; its last line: 0 items",
  },
  {
    title: "is a job that does not end",
    name: "job-hangs",
    service: { job: { command: shell("echo collecting; sleep 1000"), timeout: "2s" } },
    error: "backend: expected exit code 0 within 2 s, got it still runs after 2 s",
    log: "| collecting",
  },
];

/** Cases that end well, or whose result is looked at. */
const looked = {
  slow: served(answering("200 ok 1.3"), { deadline: "15s" }),
  verbose: {
    job: { command: shell("yes 123456789 | head -c 100000000; echo last words; exit 1") },
  },
};

const run = `test-services-${nonce()}`;
const nameOf = (name: string) => `${run}-${name}`;
let first: OutsideRegistry;
let second: OutsideRegistry;
let repository: ReleaseRepository;
/** What the registries hold before the cases, and after each. */
let held: Record<string, string>;

beforeAll(async () => {
  [first, second] = await Promise.all([outsideRegistry(), outsideRegistry()]);
  const registries = [first.host, second.host];
  const file = (name: string, service: Record<string, unknown>) =>
    pipelineFile(nameOf(name), service, registries);
  repository = await ReleaseRepository.create({
    ...serviceImage,
    "release.yaml": file("healthy", healthyService),
    ...Object.fromEntries(
      [...cases, ...Object.entries(looked).map(([name, service]) => ({ name, service }))].map(
        ({ name, service }) => [`cases/${name}.yaml`, file(name, service)],
      ),
    ),
  });
  await repository.call(..."publish promote --channel prod json".split(" "));
  const next = await repository.commit("Change the page", { "srv/index.html": "new" });
  await repository.call("publish", "json");
  held = await first.tags("app/backend");
  const tags = Object.keys(held).map((name) => name.split(":")[1] ?? "");
  expect(tags.filter((tag) => tag.startsWith("sha-"))).toHaveLength(2);
  expect(held["app/backend:prod"]).not.toBe(held[`app/backend:sha-${next}`]);
});
afterAll(async () => {
  await Promise.all([first.stop(), second.stop(), repository.remove()]);
  const names = ["healthy", ...cases.map(({ name }) => name), ...Object.keys(looked)];
  for (const name of names) await removeVolumesOf(nameOf(name), []);
});

describe.concurrent("prod stays where it is when a service", () => {
  test.each(cases.map((one) => [one.title, one] as const))("%s", async (_title, one) => {
    const { name, error, log } = one;
    const pipeline = ["--pipeline", `cases/${name}.yaml`];
    const refused = await repository.refused([...pipeline, "promote", "--channel", "prod", "json"]);
    expect(refused.code).toBe(1);
    const [, reason = ""] = /^(.*) \[VERIFICATION_FAILED\]$/.exec(refused.error) ?? [];
    if (typeof error === "string") expect(reason || refused.error).toBe(error);
    else expect(reason || refused.error).toMatch(error);
    expect(refused.next).toContain("sluice call evidence");
    if (log !== undefined) expect(refused.stderr).toContain(log);
    expect(await first.tags("app/backend")).toEqual(held);
    expect(await second.tags("app/backend")).toEqual(held);
  });
});

describe.concurrent("a verification", () => {
  test("waits for a service that answers slowly, but in time", async () => {
    const verification = verificationSchema.parse(
      await repository.json("--pipeline", "cases/slow.yaml", "smoke-verify", "json"),
    );
    expect(verification.passed).toBe(true);
    const [attempt] = verification.services[0]?.probes[0]?.attempts.slice(-1) ?? [];
    expect(attempt).toMatchObject({ status: 200 });
    expect(attempt?.tookMs).toBeGreaterThan(1200);
  });

  test("keeps begin and end of 100 MB of output, and says how much it left out", async () => {
    const out = await mkdtemp(join(tmpdir(), "sluice-flood-"));
    try {
      await repository.call(
        ...["--pipeline", "cases/verbose.yaml", "smoke-verify", "--allow-failure"],
        ...["directory", "export", "--path", out],
      );
      const log = await readFile(join(out, "logs/backend.log"), "utf8");
      const [mark = "", omitted = "0"] =
        /^\[… (\d+) bytes of output left out …\]\n/m.exec(log) ?? [];
      const kept = log.length - mark.length;
      expect(kept).toBeLessThan(2 * 1024 * 1024);
      expect(kept + Number(omitted)).toBe(100_000_000 + "last words\n".length);
      expect(log).toMatch(/^123456789\n/);
      expect(log).toMatch(/\n123456789\nlast words\n$/);
      const text = await readFile(join(out, "verification.json"), "utf8");
      const [job] = verificationSchema.parse(JSON.parse(text)).jobs;
      expect(job).toMatchObject({ exitCode: 1, failure: { code: "JOB_FAILED" } });
    } finally {
      await rm(out, { recursive: true });
    }
  });
});
