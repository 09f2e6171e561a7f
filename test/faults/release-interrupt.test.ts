import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { nonce } from "../support/containers.ts";
import { healthyService, pipelineFile, serviceImage, shell } from "../support/oneService.ts";
import { type OutsideRegistry, outsideRegistry } from "../support/outsideRegistry.ts";
import { seedImage } from "../support/registryProcess.ts";
import { type Files, ReleaseRepository } from "../support/releaseRepository.ts";
import type { ReleaseRun } from "../support/releaseRun.ts";
import { removeVolumesOf } from "../support/releaseVolumes.ts";

/**
 * A release that is stopped half-way: nothing of it is left, no tag has moved, and the same command
 * does its work when it is given again. Each signal is sent at an event, not after a time.
 */
const name = `test-interrupt-${nonce()}`;
const closing: (() => Promise<void>)[] = [];
afterAll(async () => {
  await Promise.all(closing.map((close) => close()));
  await removeVolumesOf(name, []);
});

interface Fixture {
  registry: OutsideRegistry;
  repository: ReleaseRepository;
  /** Where its runs keep temporary files. */
  temporary: string;
  /** What the registry's tags hold. */
  tags: () => Promise<Record<string, string>>;
}

/** A registry in which prod holds an older image, and a repository that is released to it. */
async function fixture(service: Record<string, unknown>, files: Files = {}): Promise<Fixture> {
  const registry = await outsideRegistry();
  await seedImage(registry.front.origin, "app/backend", "an older release", "prod");
  const repository = await ReleaseRepository.create({
    ...serviceImage,
    ...files,
    "release.yaml": pipelineFile(name, service, [registry.host]),
  });
  const temporary = await mkdtemp(join(tmpdir(), "sluice-interrupt-"));
  closing.push(
    () => registry.stop(),
    () => repository.remove(),
    () => rm(temporary, { recursive: true }),
  );
  return { registry, repository, temporary, tags: () => registry.tags("app/backend") };
}

const publish = ["publish", "json"];
const promote = ["promote", "--channel", "prod", "json"];
/** Serves after a while: time enough to be interrupted. */
const slowService = { ...healthyService, command: shell("sleep 5; exec httpd -f -p 8080 -h /srv") };
const slowJob = { job: { command: shell("echo collecting; sleep 5") } };

/** Stops the run; it has to say so, and to leave nothing. */
async function stop(
  { temporary }: Fixture,
  run: ReleaseRun,
  signal: "SIGINT" | "SIGTERM",
): Promise<void> {
  const { code, stdout, stderr } = await run.interrupt(signal);
  expect(stderr).toMatch(new RegExp(`^${signal}: removing what this run started`, "m"));
  expect(stderr).toMatch(/^Everything that this run started is removed\.$/m);
  expect(code).toBe(signal === "SIGINT" ? 130 : 143);
  expect(stdout).toBe("");
  expect(await run.left()).toEqual([]);
  const files = await readdir(temporary);
  expect(files.filter((file) => file.startsWith("sluice-"))).toEqual([]);
}

/** The registry takes what is put there next, and never answers. Settles when that happens. */
function neverAnswered({ front }: OutsideRegistry, where = /^/): Promise<void> {
  return new Promise((resolve) => {
    front.faults = [
      (incoming) => {
        if (incoming.method !== "PUT" || !where.test(incoming.url ?? "")) return false;
        incoming.resume();
        resolve();
        return true;
      },
    ];
  });
}

describe.concurrent("a release that is interrupted", () => {
  test("while an image is built has published nothing, and can be given again", async () => {
    const all = await fixture(healthyService, {
      Dockerfile: `${serviceImage.Dockerfile ?? ""}RUN echo compiling ${nonce()}; sleep 4\n`,
    });
    const { repository, temporary, tags } = all;
    const before = await tags();
    const run = repository.start(publish, {
      options: ["--progress", "logs"],
      env: { TMPDIR: temporary },
    });
    await run.says(/│ +compiling /);
    await stop(all, run, "SIGINT");
    expect(await tags()).toEqual(before);

    await repository.call(...publish);
    expect(await tags()).toMatchObject({
      ...before,
      [`app/backend:sha-${await repository.head()}`]: expect.stringMatching(/^sha256:/) as string,
    });
  });

  test("while an image is pushed has written no tag, and can be given again", async () => {
    const all = await fixture(healthyService);
    const { registry, repository, temporary, tags } = all;
    const before = await tags();
    const pushing = neverAnswered(registry);
    const run = repository.start(publish, { env: { TMPDIR: temporary } });
    await Promise.race([pushing, run.ended]);
    await stop(all, run, "SIGTERM");
    expect(await tags()).toEqual(before);

    await repository.call(...publish);
    const after = await tags();
    expect(Object.keys(after)).toEqual([
      "app/backend:prod",
      `app/backend:sha-${await repository.head()}`,
    ]);
    expect(after).toMatchObject(before);
  });

  test.each([
    ["a service boots", slowService, "SIGINT"],
    ["a job runs", slowJob, "SIGTERM"],
  ] as const)(
    "while %s has moved nothing, and can be given again",
    async (_when, service, signal) => {
      const all = await fixture(service);
      const { repository, temporary, tags } = all;
      await repository.call(...publish);
      const before = await tags();
      const run = repository.start(promote, { env: { TMPDIR: temporary } });
      await run.says(/backend: started/);
      expect((await run.left()).some((thing) => thing.startsWith("container "))).toBe(true);
      await stop(all, run, signal);
      expect(await tags()).toEqual(before);

      await repository.call(...promote);
      const candidate = before[`app/backend:sha-${await repository.head()}`];
      expect(await tags()).toEqual({ ...before, "app/backend:prod": candidate });
    },
  );

  test("while tags move puts back those that were moved, and says so", async () => {
    const { registry: one, repository, tags } = await fixture(healthyService);
    const two = await outsideRegistry();
    closing.push(() => two.stop());
    await repository.commit("Release to another registry, too", {
      "release.yaml": pipelineFile(name, healthyService, [one.host, two.host]),
    });
    await repository.call(...publish);
    await repository.call(...promote);
    const before = await tags();
    await repository.commit("Another release", { "note.txt": nonce() });
    await repository.call(...publish);
    const pushing = neverAnswered(two, /\/manifests\/prod$/);
    const run = repository.start(promote);
    await Promise.race([Promise.all([pushing, run.says(/app\/backend:prod moved/)]), run.ended]);
    const { code, stderr } = await run.interrupt("SIGINT");
    expect(code).toBe(130);
    expect(stderr).toContain("asked to stop: tags that move are all moved, or all put back, first");
    expect(stderr).toContain("nothing is promoted, every tag holds what it held before");
    expect(await run.left()).toEqual([]);
    expect((await tags())["app/backend:prod"]).toBe(before["app/backend:prod"]);
    expect((await two.tags("app/backend"))["app/backend:prod"]).toBe(before["app/backend:prod"]);

    await repository.call(...promote);
    expect((await tags())["app/backend:prod"]).not.toBe(before["app/backend:prod"]);
    expect(await two.tags("app/backend")).toEqual(await tags());
  });

  test("by force has moved nothing, and the next start removes what is left", async () => {
    const all = await fixture(slowService);
    const { repository, temporary, tags } = all;
    await repository.call(...publish);
    const before = await tags();
    const run = repository.start(promote, { env: { TMPDIR: temporary } });
    await run.says(/backend: started/);
    expect((await run.interrupt("SIGKILL")).code).toBe(137);
    const left = await run.left();
    expect(left.some((thing) => thing.startsWith("container "))).toBe(true);
    expect(left.some((thing) => thing.startsWith("network "))).toBe(true);
    expect(await tags()).toEqual(before);

    await repository.call(...promote);
    expect(await run.left()).toEqual([]);
    const candidate = before[`app/backend:sha-${await repository.head()}`];
    expect(await tags()).toEqual({ ...before, "app/backend:prod": candidate });
  });
});
