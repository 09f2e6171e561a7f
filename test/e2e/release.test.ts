import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CandidateData, candidateSchema } from "../../.dagger/src/candidate/model.ts";
import { promotionSchema } from "../../.dagger/src/promote/model.ts";
import { statusSchema } from "../../.dagger/src/status/model.ts";
import { type Verification, verificationSchema } from "../../.dagger/src/verify/model.ts";
import { readImages, readMembers } from "../support/archive.ts";
import { git } from "../support/gitServer.ts";
import { nonce } from "../support/containers.ts";
import { ReleaseRepository } from "../support/releaseRepository.ts";
import { removeVolumesOf } from "../support/releaseVolumes.ts";
import { readManifests } from "../support/sessionRegistry.ts";
import { brokenBackend, shop } from "../support/shop.ts";

/**
 * The main job on a small shop, through the launcher: each test goes on where the one before it has
 * stopped, as people do. Registries run as services of the engine, so nothing outside is needed.
 */
const pipeline = `test-release-${nonce()}`;
const registries = [
  { name: "one", address: "localhost:5110/shop", service: true },
  { name: "two", address: "localhost:5111/shop", service: true },
];
const services = ["backend", "frontend", "scraper"];

let repository: ReleaseRepository;
let artifacts: string;
/** A bare repository, which locks are taken on. */
let remote: string;
/** The commit that gets through, what it became, and the one that does not get through. */
let good: string;
let candidate: CandidateData;
let bad: string;

beforeAll(async () => {
  repository = await ReleaseRepository.create(shop(pipeline, registries));
  artifacts = await mkdtemp(join(tmpdir(), "sluice-artifacts-"));
  await git(repository.dir, "remote", "add", "origin", "git@github.com:acme/shop.git");
  good = await repository.head();
  remote = await mkdtemp(join(tmpdir(), "sluice-remote-"));
  await git(remote, "init", "--quiet", "--bare");
});
afterAll(async () => {
  await repository.remove();
  await rm(remote, { recursive: true, force: true });
  await rm(artifacts, { recursive: true, force: true });
  await removeVolumesOf(
    pipeline,
    registries.map(({ name }) => name),
  );
});

/** Digests that a channel's tag holds in a registry, by service. */
async function held(channel: string): Promise<Record<string, Record<string, string | null>>> {
  const { channels } = statusSchema.parse(
    await repository.json("status", "--channel", channel, "json"),
  );
  const states = channels.flatMap(({ refs }) => refs);
  return Object.fromEntries(
    registries.map(({ name }) => [
      name,
      Object.fromEntries(
        states
          .filter(({ registry }) => registry === name)
          .map(({ service, digest }) => [service, digest]),
      ),
    ]),
  );
}

/** The same in every registry: what a channel should hold. */
function everywhere(digests: Record<string, string | null>) {
  return Object.fromEntries(registries.map(({ name }) => [name, digests]));
}

function digestsOf({ services }: CandidateData): Record<string, string> {
  return Object.fromEntries(services.map(({ name, digest }) => [name, digest]));
}

describe("a release", () => {
  test("labels its images with where they come from", async () => {
    const committed = await git(repository.dir, "show", "-s", "--format=%cI", "HEAD");
    const path = join(artifacts, "build");
    await repository.call("build", "--version", "1.4.0", "directory", "export", "--path", path);
    const built: unknown = JSON.parse(await readFile(join(path, "build.json"), "utf8"));
    const labels = {
      "org.opencontainers.image.revision": good,
      "org.opencontainers.image.version": "1.4.0",
      "org.opencontainers.image.source": "https://github.com/acme/shop",
      "org.opencontainers.image.created": new Date(committed).toISOString().replace(".000Z", "Z"),
    };
    expect(built).toEqual({
      version: 1,
      commit: good,
      dirty: false,
      labels,
      services: [
        { name: "backend", platforms: ["linux/amd64"] },
        { name: "frontend", platforms: ["linux/amd64", "linux/arm64"] },
        { name: "scraper", platforms: ["linux/amd64"] },
      ],
    });
    const images = readImages(await readMembers(join(path, "frontend.tar")));
    expect(images.map(({ platform }) => platform)).toEqual(["linux/amd64", "linux/arm64"]);
    for (const { config } of images) expect(config.config.Labels).toEqual(labels);
  });

  test("publishes every service to every registry under its commit, the same bytes everywhere", async () => {
    // From here on it has a remote that answers.
    await git(repository.dir, "remote", "set-url", "origin", remote);
    await git(repository.dir, "push", "--quiet", "origin", "HEAD:refs/heads/main");
    candidate = candidateSchema.parse(await repository.json("publish", "json"));
    expect(candidate).toMatchObject({ pipeline, commit: good });
    expect(candidate.services.map(({ name }) => name)).toEqual(services);
    for (const { name, digest, refs } of candidate.services) {
      expect(refs).toEqual({
        one: `localhost:5110/shop/${name}@${digest}`,
        two: `localhost:5111/shop/${name}@${digest}`,
      });
    }
    const manifests = await readManifests(pipeline, registries, services, `sha-${good}`);
    expect(digestsIn(manifests)).toEqual(everywhere(digestsOf(candidate)));
    expect(manifests.two?.frontend?.body).toMatchObject({
      mediaType: "application/vnd.oci.image.index.v1+json",
      manifests: [
        { platform: { os: "linux", architecture: "amd64" } },
        { platform: { os: "linux", architecture: "arm64" } },
      ],
    });
  });

  test("published again changes nothing and builds nothing", async () => {
    const { code, stdout, stderr } = await repository.run(["publish", "json"]);
    expect(code, stderr).toBe(0);
    expect(candidateSchema.parse(JSON.parse(stdout))).toEqual(candidate);
    expect(stderr).toContain(`${good} was published before; its images stay as they are`);
    expect(stderr).not.toMatch(/^\S* ?build |\bpublished localhost/m);
  });

  test("is verified by its commit, from any registry, in fresh containers", async () => {
    const verification = verificationSchema.parse(
      await repository.json("smoke-verify", "--commit", good, "--registry", "two", "json"),
    );
    expect(verification).toMatchObject({ commit: good, passed: true });
    expect(verification.digests).toEqual(digestsOf(candidate));
    expect(verification.services.map(({ image }) => image)).toEqual([
      `localhost:5111/shop/backend@${candidate.services[0]?.digest ?? ""}`,
      `localhost:5111/shop/frontend@${candidate.services[1]?.digest ?? ""}`,
    ]);
    expect(verification.jobs[0]).toMatchObject({ exitCode: 0, log: { lines: ["tea", "coffee"] } });
  });

  test("is published and promoted by one command", async () => {
    const summary = await repository.call(..."publish promote --channel prod summary".split(" "));
    expect(summary).toMatch(new RegExp(`^✔ prod holds ${good}: 6 of 6 tags moved`));
    expect(summary.match(/:prod +\(new\) +→/g)).toHaveLength(6);
    expect(await held("prod")).toEqual(everywhere(digestsOf(candidate)));
    const manifests = await readManifests(pipeline, registries, services, "prod");
    expect(digestsIn(manifests)).toEqual(everywhere(digestsOf(candidate)));
  });

  test("is verified by the tag that holds it", async () => {
    const text = await repository.call("smoke-verify", "--tag", "prod", "json");
    const verification = verificationSchema.parse(JSON.parse(text));
    expect(verification).toMatchObject({ commit: good, passed: true });
    expect(verification.digests).toEqual(digestsOf(candidate));
  });

  test("is promoted again without moving anything", async () => {
    const promotion = promotionSchema.parse(
      await repository.json("promote", "--channel", "prod", "json"),
    );
    expect(promotion.outcome).toBe("unchanged");
    expect(promotion.moves.map(({ from, to }) => from === to)).toEqual(Array(6).fill(true));
  });
});

describe("a candidate whose backend never becomes healthy", () => {
  test("is refused with its reason on one line, and no tag moves", async () => {
    bad = await repository.commit("Change the password", brokenBackend);
    const published = await repository.call("publish", "summary");
    expect(published).toContain(bad);
    const { code, stdout, error, next } = await repository.refused([
      ...["promote", "--channel", "prod", "summary"],
    ]);
    expect(code).toBe(1);
    expect(stdout).toBe("");
    expect(error).toBe(
      "backend: expected status 200 from GET :8080/healthz within 4 s, got status 503: the database refuses the password [VERIFICATION_FAILED]",
    );
    expect(next).toContain("sluice call evidence");
    expect(await held("prod")).toEqual(everywhere(digestsOf(candidate)));
  });

  test("leaves its logs and its report as evidence", async () => {
    const path = join(artifacts, "evidence");
    await repository.call("evidence", "export", "--path", path);
    const log = await readFile(join(path, "logs/backend.log"), "utf8");
    expect(log).toBe("backend: the database refuses the password\n");
    const report = JSON.parse(await readFile(join(path, "verification.json"), "utf8")) as unknown;
    const verification: Verification = verificationSchema.parse(report);
    expect(verification).toMatchObject({ commit: bad, passed: false });
    expect(verification.services.map(({ name, state }) => [name, state])).toEqual([
      ["backend", "failed"],
      ["frontend", "skipped"],
    ]);
    expect(await readFile(join(path, "junit.xml"), "utf8")).toContain("refuses the password");
    expect(await readFile(join(path, "report.html"), "utf8")).toContain("refuses the password");
  });

  test("gets its result told when failure is allowed", async () => {
    const verification = verificationSchema.parse(
      await repository.json("smoke-verify", "--allow-failure", "json"),
    );
    expect(verification).toMatchObject({ commit: bad, passed: false, digests: {} });
  });

  test("gets through once it is repaired", async () => {
    await git(repository.dir, "revert", "--no-edit", "HEAD");
    const fixed = await repository.head();
    const summary = await repository.call(..."publish promote --channel prod summary".split(" "));
    expect(summary).toContain(`✔ prod holds ${fixed}: 6 of 6 tags moved`);
    const now = await held("prod");
    expect(now.one?.backend).not.toBe(candidate.services[0]?.digest);
    expect(now.two).toEqual(now.one);
  });

  test("does not stand in the way of an older commit", async () => {
    const promotion = promotionSchema.parse(
      await repository.json("promote", "--channel", "stable", "--commit", good, "json"),
    );
    expect(promotion).toMatchObject({ channel: "stable", tag: "latest", commit: good });
    expect(await held("stable")).toEqual(everywhere(digestsOf(candidate)));
  });
});

describe("an operator", () => {
  test("is told what a promotion would do, and which gate refuses it", async () => {
    const fixed = await repository.head();
    const plan = await repository.call("plan", "--channel", "prod", "--commit", good, "summary");
    expect(plan).toContain(`✘ ${good} may not go to prod`);
    expect(plan).toMatch(/✘ never-backwards +expected a commit that is not older than/);
    expect(plan).toContain(`sluice call rollback --channel prod --to ${good}`);
    const refused = await repository.refused([
      "promote",
      "--channel",
      "prod",
      "--commit",
      good,
      "json",
    ]);
    expect(refused.error).toContain("never-backwards");
    const enforced = ["plan", "--channel", "prod", "--commit", bad, "enforce"];
    const { error } = await repository.refused(enforced);
    expect(error).toMatch(/not-rejected: .*\[GATES_FAILED\]$/);
    expect((await held("prod")).one).toEqual((await held("prod")).two);
    expect(await repository.call("plan", "--channel", "prod", "--commit", fixed, "allowed")).toBe(
      "true",
    );
  });

  test("rolls back to what was there before, which sticks", async () => {
    const fixed = await repository.head();
    const summary = await repository.call(
      ...["--operator", "ann", "rollback", "--channel", "prod", "--reason", "prices are wrong"],
      "summary",
    );
    expect(summary).toContain(`✔ prod holds ${good}: rolled back, 6 of 6 tags moved`);
    expect(await held("prod")).toEqual(everywhere(digestsOf(candidate)));
    const { error } = await repository.refused(["promote", "--channel", "prod", "json"]);
    expect(error).toContain(`${fixed.slice(0, 12)} was rolled back on prod`);
    const newer = await repository.commit("Mend the prices", { "backend/srv/items": "tea\n" });
    const again = await repository.call(..."publish promote --channel prod summary".split(" "));
    expect(again).toContain(`✔ prod holds ${newer}: `);
  });

  test("sees what runs where, since when, and how it came there", async () => {
    const head = await repository.head();
    const status = await repository.call("status", "--channel", "prod", "summary");
    expect(status).toContain(`✔ prod: ${head}, since `);
    expect(status.match(/✔ +localhost:511\d\/shop\/\w+:prod/g)).toHaveLength(6);
    await repository.call("status", "enforce");
    const history = await repository.call("history", "--channel", "prod", "summary");
    const kinds = history.split("\n").map((line) => line.split(/ {2,}/)[1] ?? "");
    expect(kinds.slice(0, 3)).toEqual(["promotion prod", "rollback prod", "promotion prod"]);
    expect(history).toMatch(/rollback prod .*prices are wrong +ann/);
  });

  test("keeps everybody out with a lock of his own, until it is taken away", async () => {
    const locked = await repository.call("lock", "--channel", "prod", "--reason", "incident 12");
    const claim = /--claim (\S+)/.exec(locked)?.[1] ?? "";
    const refused = await repository.refused(["promote", "--channel", "prod", "json"]);
    expect(refused.error).toMatch(/lock prod is held by .*incident 12 \[LOCK_HELD\]$/);
    expect(refused.next).toContain(`sluice call unlock --channel prod --claim ${claim}`);
    expect(await repository.call("status", "summary")).toContain("incident 12");
    await repository.call("unlock", "--channel", "prod", "--claim", claim);
    expect(await repository.call("status", "summary")).not.toContain("incident 12");
  });

  test("gets a Compose manifest that pins what a channel holds", async () => {
    const { backend = "" } = (await held("prod")).one ?? {};
    const path = join(artifacts, "compose.yaml");
    await repository.call("compose", "--channel", "prod", "export", "--path", path);
    expect(await readFile(path, "utf8")).toContain(`localhost:5110/shop/backend@${backend ?? ""}`);
  });

  test("gets what the ledger says of a commit as files, on any machine", async () => {
    const head = await repository.head();
    const path = join(artifacts, "export");
    await repository.call("artifacts", "--channel", "prod", "export", "--path", path);
    const read = async (name: string): Promise<unknown> =>
      JSON.parse(await readFile(join(path, ".artifacts", name), "utf8"));
    const { backend } = (await held("prod")).one ?? {};
    expect(await read(`acceptance/${head}/evidence-manifest.json`)).toMatchObject({
      headSha: head,
      kind: "runtime",
      scope: { runtime: true },
      candidate: { backendRef: `localhost:5110/shop/backend@${backend ?? ""}` },
      checks: { acceptanceStageGate: "success" },
    });
    expect(await read(`acceptance/${head}/verification.json`)).toMatchObject({ passed: true });
    expect(await read(`production/${head}/result.json`)).toMatchObject({ headSha: head });
    expect(await repository.call("check-ledger")).toMatch(
      /^\d+ streams, every record in its place/,
    );
  });
});

/** Digests of manifests as they were read: of their very bytes. */
function digestsIn(manifests: Awaited<ReturnType<typeof readManifests>>) {
  return Object.fromEntries(
    Object.entries(manifests).map(([registry, all]) => [
      registry,
      Object.fromEntries(
        Object.entries(all).map(([service, { bytes }]) => [
          service,
          `sha256:${createHash("sha256").update(bytes).digest("hex")}`,
        ]),
      ),
    ]),
  );
}
