import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { deploymentsSink } from "../../.dagger/src/github/deployments.ts";
import { SluiceError } from "../../.dagger/src/error.ts";
import { connectGithub } from "../../.dagger/src/github/client.ts";
import { issuesSink } from "../../.dagger/src/github/issues.ts";
import { githubAccess } from "../support/github/access.ts";
import { releasedCommit, releaseEvent } from "../support/github/events.ts";
import { primaryLimit, secondaryLimit, unavailable } from "../support/github/faults.ts";
import { githubServer, githubToken } from "../support/github/server.ts";

const event = releaseEvent("promotion-failed");

/** A sink that tells of its waits; a second lasts a millisecond. */
async function start(deadlineMs?: number) {
  const github = await githubServer();
  github.state.commits.add(releasedCommit);
  const waits: string[] = [];
  const onProgress = (line: string) => waits.push(line);
  const options = { token: githubToken, secondMs: 1, onProgress, deadlineMs };
  const access = githubAccess(github, options);
  return { ...github, waits, access, options, sink: issuesSink(access, []) };
}

describe("GitHub's secondary limit", () => {
  it.each([
    ["as long as it asks", 42, "waiting 42 s"],
    ["for a minute when it doesn't say how long", undefined, "waiting 60 s"],
  ])("is waited for %s, and then the write is done once", async (_, seconds, wait) => {
    const { sink, state, faults, waits } = await start();
    faults.push({ on: "issues/create", answer: secondaryLimit(seconds) });
    await sink.tell(event);
    expect(waits).toEqual([`GitHub's secondary limit is reached: ${wait}`]);
    expect(state.issues).toHaveLength(1);
  });

  it("takes as long as it says: a request isn't repeated before", async () => {
    const { requests, repository, faults } = await start();
    const { rest } = await connectGithub(repository, { token: githubToken, secondMs: 50 });
    faults.push({ on: "issues/list-for-repo", answer: secondaryLimit(10) });
    const before = performance.now();
    await rest.issues.listForRepo({ owner: "acme", repo: "shop" });
    expect(performance.now() - before).toBeGreaterThan(490);
    expect(requests).toHaveLength(2);
  });

  it.each(["issues/list-for-repo", "issues/create"])(
    "that never ends fails %s at the deadline, and says when to try again",
    async (on) => {
      const { sink, state, faults, waits } = await start(130_000);
      faults.push({ on, times: Infinity, answer: secondaryLimit(60) });
      await expect(sink.tell(event)).rejects.toMatchObject({
        code: "GITHUB_LIMITED",
        hint: "try again in 60 s",
      });
      expect(waits).toHaveLength(2);
      expect(state.issues).toEqual([]);
    },
  );

  it("that ends past the deadline fails at once", async () => {
    const { sink, faults, waits } = await start(30_000);
    faults.push({ answer: secondaryLimit(31) });
    await expect(sink.tell(event)).rejects.toMatchObject({ code: "GITHUB_LIMITED" });
    expect(waits).toEqual([]);
  });
});

describe("GitHub's hourly limit", () => {
  it.each([403, 429] as const)("that ends soon is waited for (%i)", async (status) => {
    const { sink, state, faults, waits } = await start();
    faults.push({ answer: primaryLimit(new Date(Date.now() + 20_000), status) });
    await sink.tell(event);
    expect(waits).toHaveLength(1);
    expect(waits[0]).toMatch(/^GitHub's hourly limit is reached: waiting 2\d s$/);
    expect(state.issues).toHaveLength(1);
  });

  it.each([403, 429] as const)("past the deadline fails at once (%i)", async (status) => {
    const { sink, requests, faults, waits } = await start();
    const reset = new Date(Math.ceil(Date.now() / 1000) * 1000 + 600_000);
    faults.push({ answer: primaryLimit(reset, status) });
    await expect(sink.tell(event)).rejects.toMatchObject({
      code: "GITHUB_LIMITED",
      hint: `try again after ${reset.toISOString()}`,
    });
    expect(requests).toHaveLength(1);
    expect(waits).toEqual([]);
  });

  it("that has ended by this machine's clock isn't asked for ever", async () => {
    const { sink, requests, faults } = await start();
    faults.push({ times: Infinity, answer: primaryLimit(new Date(0)) });
    await expect(sink.tell(event)).rejects.toMatchObject({ code: "GITHUB_LIMITED" });
    expect(requests).toHaveLength(6);
  });
});

describe("a server's error, or a broken connection", () => {
  const faulty = [
    ["500", unavailable(500)],
    ["502", unavailable(502)],
    ["503", unavailable(503)],
    ["a broken connection", "reset" as const],
  ] as const;

  it.each(faulty)("%s is survived by a read", async (_, answer) => {
    const { sink, state, faults } = await start();
    faults.push({ on: "issues/list-for-repo", times: 3, answer });
    await sink.tell(event);
    expect(state.issues).toHaveLength(1);
  });

  it.each(faulty)(
    "%s is survived by a write that was applied, and is not repeated",
    async (_, answer) => {
      const { sink, state, faults, requests } = await start();
      faults.push({ on: "issues/create", applied: true, answer });
      await sink.tell(event);
      expect(state.issues).toHaveLength(1);
      expect(requests.filter(({ operation }) => operation === "issues/create")).toHaveLength(1);
    },
  );

  it.each(faulty)("%s is survived by a write that wasn't applied", async (_, answer) => {
    const { sink, state, faults } = await start();
    faults.push({ on: "issues/create", times: 2, answer });
    await sink.tell(event);
    expect(state.issues).toHaveLength(1);
  });

  it.each(faulty)("%s that never ends is told with its address", async (_, answer) => {
    const { sink, state, faults, requests, api } = await start();
    faults.push({ on: "issues/create", times: Infinity, answer });
    await expect(sink.tell(event)).rejects.toMatchObject({
      code: "GITHUB_UNAVAILABLE",
      reason: expect.stringContaining(api) as string,
      hint: "try again; see https://www.githubstatus.com",
    });
    expect(requests.filter(({ operation }) => operation === "issues/create")).toHaveLength(3);
    expect(state.issues).toEqual([]);
  });

  it("that hits every write of a deployment leaves one deployment, and none in progress", async () => {
    const { access, state, faults } = await start();
    const sink = deploymentsSink(access);
    const of = (kind: "deploying" | "deployed", n: number) =>
      releaseEvent(kind, { id: `deployment live ${n} ${kind}`, target: "live" });
    await sink.tell(of("deploying", 1));
    const lost = { applied: true, answer: "reset" as const };
    faults.push({ on: "repos/create-deployment", ...lost });
    faults.push({ on: "repos/create-deployment-status", times: 3, ...lost });
    await sink.tell(of("deploying", 2));
    await sink.tell(of("deployed", 2));
    expect(state.deployments.map(({ statuses }) => statuses.map((one) => one.state))).toEqual([
      ["in_progress", "error"],
      ["in_progress", "success"],
    ]);
  });

  it("a server that never answers is given up, time after time", async () => {
    const { repository, faults, requests } = await start();
    const sink = issuesSink(
      githubAccess({ repository }, { token: githubToken, secondMs: 1, timeoutMs: 50 }),
      [],
    );
    faults.push({ times: Infinity, answer: "hang" });
    await expect(sink.tell(event)).rejects.toMatchObject({
      code: "GITHUB_UNAVAILABLE",
      reason: expect.stringContaining("can't be reached") as string,
    });
    expect(requests).toHaveLength(4);
  });
});

describe("a lost race", () => {
  it.each([409, 422])("isn't run again (%i)", async (status) => {
    const { repository, faults, requests } = await start();
    const { rest } = await connectGithub(repository, { token: githubToken, secondMs: 1 });
    faults.push({ on: "git/get-ref", answer: { status } });
    const ref = { owner: "acme", repo: "shop", ref: "heads/main" };
    await expect(rest.git.getRef(ref)).rejects.toMatchObject({ status });
    expect(requests).toHaveLength(1);
  });

  it("refused by GitHub is told as it says", async () => {
    const { sink, faults, requests } = await start();
    const body = { message: "Validation Failed", errors: [{ code: "custom" }] };
    faults.push({ on: "issues/create", answer: { status: 422, body } });
    await expect(sink.tell(event)).rejects.toMatchObject({
      code: "GITHUB_REFUSED",
      reason: expect.stringContaining('Validation Failed: {"code":"custom"}') as string,
    });
    expect(requests.filter(({ operation }) => operation === "issues/create")).toHaveLength(1);
  });

  it("isn't taken for issues that are switched off", async () => {
    const { sink, faults } = await start();
    const body = { message: "Issues has been disabled in this repository." };
    faults.push({ answer: { status: 410, body } });
    await expect(sink.tell(event)).rejects.toMatchObject({
      code: "GITHUB_DISABLED",
      reason: expect.stringContaining("Issues has been disabled") as string,
    });
  });
});

describe("a token", () => {
  it("is in no error, even when GitHub's answer has it", async () => {
    const { sink, faults } = await start();
    const basic = Buffer.from(`:${githubToken}`).toString("base64");
    const message = `you sent ${githubToken}, ${basic}, ghs_16C7e42F292c6912E7710c838347Ae178B4a`;
    for (const status of [401, 403, 404, 422, 500]) {
      const times = status === 500 ? 3 : 1;
      faults.push({ on: "issues/create", times, answer: { status, body: { message } } });
      const error = await sink.tell(event).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(SluiceError);
      const all = inspect(error, { depth: 10 });
      for (const secret of [githubToken, basic, "ghs_"]) expect(all).not.toContain(secret);
    }
  });
});
