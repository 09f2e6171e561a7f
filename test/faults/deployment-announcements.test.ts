import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { announceChannel } from "../../.dagger/src/announce/of-channel.ts";
import { aroundChange, aroundRollback } from "../../.dagger/src/announce/around-change.ts";
import { SluiceError } from "../../.dagger/src/error.ts";
import { toldStream } from "../../.dagger/src/ledger/streams.ts";
import { proposeRelease } from "../../.dagger/src/propose/propose.ts";
import type { Promoted } from "../../.dagger/src/promote/promote.ts";
import { nonce } from "../support/containers.ts";
import {
  deployIn,
  smallPlatform,
  type SmallPlatform,
  targetSections,
} from "../support/deploymentYard.ts";
import { gitRemote } from "../support/gitRemote.ts";
import type { GithubServer } from "../support/github/options.ts";
import { githubServer, githubToken } from "../support/github/server.ts";
import { type RegistryProcess, startRegistry } from "../support/registryProcess.ts";
import { inYard, promoteIn, publishIn, refusalOf, type Yard } from "../support/shipyard.ts";

let registry: RegistryProcess;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry.stop());

const [one, two] = ["a".repeat(40), "b".repeat(40)] as const;

let platform: SmallPlatform;
let github: GithubServer;
let yard: Yard;
beforeEach(async () => {
  platform = await smallPlatform();
  github = await githubServer();
  for (const commit of [one, two]) github.state.commits.add(commit);
  yard = {
    ...{ name: `shop-${nonce()}`, services: ["backend"], githubToken },
    registries: { hub: new URL(registry.origin).host },
    sections: {
      ...targetSections(platform),
      announcements: {
        github: { repository: "acme/shop", api: github.api, deployments: true, issues: true },
      },
    },
  };
  for (const commit of [one, two]) await publishIn(yard, [registry.origin], commit);
});

/** What GitHub knows of each deployment. */
function deployments() {
  return github.state.deployments.map(({ sha, statuses }) => [
    sha,
    ...statuses.map(({ state }) => state),
  ]);
}

/** Records of who was told, newest first. */
function told() {
  return inYard(yard, async ({ ledger }) =>
    (await ledger.history(toldStream("prod"))).flatMap(({ record }) =>
      record.kind === "announcement" ? [record.announcement] : [],
    ),
  );
}

const announce = (wanted: { dryRun?: boolean; notes?: Record<string, string> } = {}) =>
  inYard(yard, (release) =>
    announceChannel(
      release,
      { channel: "prod", dryRun: false, notes: {}, ...wanted },
      () => undefined,
    ),
  );

describe("when GitHub does not take what it is told", () => {
  it("the deployment stands, and is told by the next run, once", async () => {
    await promoteIn(yard, one);
    // Its token has expired.
    github.tokens.delete(githubToken);
    const lines: string[] = [];
    const { data } = await deployIn(yard, platform, { onProgress: (line) => lines.push(line) });
    expect(data.outcome).toBe("succeeded");
    expect(platform.runs).toBe(one);
    expect(data.announcement?.sinks["github-deployments"]).toMatchObject({ outcome: "queued" });
    expect(lines.join("\n")).toContain("[GITHUB_UNAUTHORIZED]");
    expect(lines.join("\n")).not.toContain(githubToken);
    expect(deployments()).toEqual([]);
    expect(await told()).toMatchObject([{ event: { kind: "deployed", commit: one } }]);

    github.tokens.set(githubToken, { login: "ann", type: "User" });
    await promoteIn(yard, two);
    await deployIn(yard, platform);
    expect(deployments()).toEqual([
      [two, "in_progress", "success"],
      [one, "success", "inactive"],
    ]);
    // Nothing is left to be told, and telling again changes nothing.
    expect((await told())[0]?.sinks["github-deployments"]).toMatchObject({ outcome: "told" });
    await announce();
    expect(deployments()).toHaveLength(2);
  });

  it("and is told by hand, once it takes it again", async () => {
    await promoteIn(yard, one);
    github.tokens.delete(githubToken);
    await deployIn(yard, platform);
    expect(await announce()).toContain("… queued: deployed, github-deployments");
    github.tokens.set(githubToken, { login: "ann", type: "User" });
    expect(await announce()).toContain("✔ deployed, github-deployments");
    expect(deployments()).toEqual([[one, "success"]]);
  });
});

describe("what is announced", () => {
  it("can be read beforehand to the letter, and nobody is told", async () => {
    await promoteIn(yard, one);
    await deployIn(yard, platform);
    const before = github.requests.length;
    const text = await announce({ dryRun: true });
    expect(text).toContain("--- github-deployments: deployment live 1 deployed");
    expect(text).toContain(one);
    expect(github.requests.slice(before).filter(({ line }) => !line.startsWith("GET"))).toEqual([]);
  });

  it("opens one issue for a channel that fails, and closes it when it recovers", async () => {
    await promoteIn(yard, one);
    await deployIn(yard, platform);
    platform.fails.set(two, new SluiceError("FLY_UNHEALTHY", "machine 1 fails its check"));
    await promoteIn(yard, two);
    await deployIn(yard, platform);
    await deployIn(yard, platform);
    expect(github.state.issues).toHaveLength(1);
    expect(github.state.issues[0]).toMatchObject({ state: "open", labels: ["release-failure"] });
    expect(JSON.stringify(github.state.issues[0])).toContain("machine 1 fails its check");
    expect(deployments().map((states) => states.at(-1))).toEqual(["success", "failure", "failure"]);
    platform.fails.clear();
    await deployIn(yard, platform);
    expect(github.state.issues).toMatchObject([{ state: "closed" }]);
  });

  it("is also a verification that failed inside a promotion, but no refusal", async () => {
    const about = { channel: "prod", commit: one, notes: {} };
    const failing = (code: string, reason: string) => (): Promise<Promoted> =>
      Promise.reject(new SluiceError(code, reason));
    const tried = (code: string, reason: string) =>
      refusalOf(
        inYard(yard, (release) =>
          aroundChange(release, about, () => undefined, failing(code, reason)),
        ),
      );
    expect(await tried("GATES_FAILED", "it may not")).toMatchObject({ code: "GATES_FAILED" });
    expect(github.state.issues).toEqual([]);
    await tried("VERIFICATION_FAILED", "backend: exit code 1");
    await tried("VERIFICATION_FAILED", "backend: exit code 2");
    expect(github.state.issues).toHaveLength(1);
    expect(JSON.stringify(github.state.issues[0])).toContain("backend: exit code 2");
  });
});

describe("a release that is proposed", () => {
  const name = "release/test";
  const proposed = (commit: string, dryRun = false) =>
    inYard(yard, (release) =>
      proposeRelease(release, { channel: "prod", commit, name, dryRun }, () => undefined),
    );

  /** A channel with a branch, which takes what is on main. Answers a commit that was published. */
  async function withBranch() {
    const remote = await gitRemote();
    const commit = await remote.holds("refs/heads/main");
    await publishIn(yard, [registry.origin], commit);
    const channel = { branch: "live", gates: { onBranch: "main" } };
    yard = { ...yard, remote: remote.bare, channel };
    github.state.refs.set("heads/live", one);
    github.state.refs.set(`heads/${name}`, commit);
    return { remote, commit };
  }

  it("is a branch of the remote and a pull request with what the gates say, once", async () => {
    const { remote, commit } = await withBranch();
    const text = await proposed(commit);
    expect(text).toContain(`${name} is on ${commit}`);
    expect(text).toContain("opened pull request #1");
    expect(await remote.holds(`refs/heads/${name}`)).toBe(commit);
    expect(github.state.pulls).toMatchObject([{ head: name, base: "live", state: "open" }]);
    expect(github.state.pulls[0]?.body).toContain("✔ on-branch");
    expect(await proposed(commit)).toContain("found pull request #1");
    expect(github.state.pulls).toHaveLength(1);
  });

  it("can be read beforehand, and nothing is cut or opened", async () => {
    const { remote, commit } = await withBranch();
    const text = await proposed(commit, true);
    expect(text).toContain(`${name} would be cut on ${commit}`);
    expect(text).toContain("✔ on-branch");
    expect(await remote.holds(`refs/heads/${name}`)).toBe("");
    expect(github.state.pulls).toEqual([]);
  });

  it("is refused from a feature branch: only what was merged is released", async () => {
    const { remote } = await withBranch();
    const feature = await remote.commit("A feature");
    await remote.git("push", "--quiet", "origin", "HEAD:refs/heads/feature");
    const refusal = await refusalOf(proposed(feature));
    expect(refusal).toMatchObject({ code: "COMMIT_NOT_ON_BRANCH" });
    expect(refusal.message).toContain("is not on main");
    expect(await remote.holds(`refs/heads/${name}`)).toBe("");
  });

  it("needs a channel with a branch", async () => {
    expect(await refusalOf(proposed(one, true))).toMatchObject({ code: "BRANCH_MISSING" });
  });
});

it.each([["--prod"], ["$(id)"], ["prdo"], ["a/b"]])(
  "a rollback of a channel that there is none of, %j, is refused by its name",
  async (channel) => {
    const nothing = () => Promise.reject(new Error("it was tried"));
    const refusal = await refusalOf(
      inYard(yard, (release) =>
        aroundRollback(release, { channel, notes: {} }, () => undefined, nothing),
      ),
    );
    expect(refusal).toMatchObject({ code: "CHANNEL_UNKNOWN" });
    expect(github.requests).toEqual([]);
  },
);
