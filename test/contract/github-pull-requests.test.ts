import { describe, expect, it } from "vitest";
import {
  openReleasePullRequest,
  releasePullRequest,
} from "../../.dagger/src/github/pull-requests.ts";
import { githubAccess } from "../support/github/access.ts";
import { unavailable } from "../support/github/faults.ts";
import { githubServer } from "../support/github/server.ts";

const wanted = {
  ...{ branch: "release/2026-01-31", base: "live", title: "Release", body: "What is in it." },
};

async function start() {
  const github = await githubServer();
  github.state.refs.set("heads/live", "a".repeat(40));
  github.state.refs.set("heads/release/2026-01-31", "b".repeat(40));
  return { ...github, access: githubAccess(github) };
}

describe("a release's pull request", () => {
  it("is opened once, and found after that", async () => {
    const { access, state } = await start();
    const opened = await openReleasePullRequest(access, wanted);
    expect(opened.what).toBe("opened pull request #1");
    expect(opened.url).toMatch(/\/acme\/shop\/pull\/1$/);
    expect(await openReleasePullRequest(access, wanted)).toEqual({
      ...opened,
      what: "found pull request #1",
    });
    expect(state.pulls).toMatchObject([
      { title: "Release", body: "What is in it.", head: wanted.branch, base: "live" },
    ]);
  });

  it("is opened again after one was closed, and not taken for one to another branch", async () => {
    const { access, state } = await start();
    state.refs.set("heads/main", "c".repeat(40));
    await openReleasePullRequest(access, wanted);
    Object.assign(state.pulls[0] ?? {}, { state: "closed" });
    await openReleasePullRequest(access, { ...wanted, base: "main" });
    expect((await openReleasePullRequest(access, wanted)).what).toBe("opened pull request #3");
  });

  it("is one, when two open it at once", async () => {
    const { access, state } = await start();
    const both = await Promise.all([
      openReleasePullRequest(access, wanted),
      openReleasePullRequest(access, wanted),
    ]);
    expect(state.pulls).toHaveLength(1);
    expect(new Set(both.map(({ url }) => url)).size).toBe(1);
  });

  it.each([
    ["by a server's error", unavailable(502)],
    ["by a broken connection", "reset" as const],
  ])("is one, when the answer to opening it is lost %s", async (_, answer) => {
    const { access, state, faults } = await start();
    faults.push({ on: "pulls/create", applied: true, answer });
    await openReleasePullRequest(access, wanted);
    expect(state.pulls).toHaveLength(1);
  });

  it("isn't opened for nothing to merge, or for a branch that isn't there", async () => {
    const { access, state, requests } = await start();
    await expect(
      openReleasePullRequest(access, { ...wanted, branch: "release/none" }),
    ).rejects.toMatchObject({
      code: "GITHUB_REFUSED",
      reason: expect.stringContaining('"field":"head"') as string,
    });
    state.refs.set("heads/live", "b".repeat(40));
    await expect(openReleasePullRequest(access, wanted)).rejects.toMatchObject({
      code: "GITHUB_REFUSED",
      reason: expect.stringContaining("No commits between live and release/2026-01-31") as string,
    });
    expect(requests.filter(({ operation }) => operation === "pulls/create")).toHaveLength(2);
    expect(state.pulls).toEqual([]);
  });

  it("is previewed as the very request, or as the one that is open", async () => {
    const { access, state, requests } = await start();
    const preview = await releasePullRequest(access, wanted);
    expect(state.pulls).toEqual([]);
    await openReleasePullRequest(access, wanted);
    const sent = requests.find(({ operation }) => operation === "pulls/create")?.body;
    expect(preview).toBe(`POST /repos/acme/shop/pulls\n${JSON.stringify(sent, null, 2)}`);
    expect(await releasePullRequest(access, wanted)).toMatch(/^pull request #1 is open: http/);
  });
});
