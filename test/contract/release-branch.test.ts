import { describe, expect, it } from "vitest";
import { cutReleaseBranch, releaseBranchFor } from "../../.dagger/src/git/release-branch.ts";
import { gitRemote, localRefs } from "../support/gitRemote.ts";
import { refusalOf } from "../support/shipyard.ts";

const now = new Date("2026-01-31T12:00:00.000Z");

async function start() {
  const remote = await gitRemote();
  const one = await remote.holds("refs/heads/main");
  const two = await remote.commit("Go on");
  await remote.git("push", "--quiet", "origin", "main");
  return { remote, one, two, refs: (await localRefs({ url: remote.bare })).refs };
}

describe("a release branch", () => {
  it("is called after the day, and a second one of that day has a number", async () => {
    const { remote, one, two, refs } = await start();
    const cut = (commit: string) => cutReleaseBranch(refs, { name: undefined, commit, now });
    expect(await cut(one)).toEqual({ name: "release/2026-01-31", isNew: true });
    expect(await cut(two)).toEqual({ name: "release/2026-01-31-2", isNew: true });
    expect(await remote.holds("refs/heads/release/2026-01-31")).toBe(one);
    expect(await remote.holds("refs/heads/release/2026-01-31-2")).toBe(two);
    // Run again, it is the one that stands already.
    expect(await cut(one)).toEqual({ name: "release/2026-01-31", isNew: false });
  });

  it("is only named beforehand", async () => {
    const { remote, one, refs } = await start();
    expect(await releaseBranchFor(refs, { name: undefined, commit: one, now })).toEqual({
      name: "release/2026-01-31",
      isNew: true,
    });
    expect(await remote.holds("refs/heads/release/")).toBe("");
  });

  it("is refused under a name that stands on another commit", async () => {
    const { remote, one, two, refs } = await start();
    const name = "release/spring";
    await cutReleaseBranch(refs, { name, commit: one, now });
    const refusal = await refusalOf(cutReleaseBranch(refs, { name, commit: two, now }));
    expect(refusal).toMatchObject({ code: "BRANCH_TAKEN" });
    expect(refusal.message).toContain("release/spring stands on another commit");
    expect(await remote.holds(`refs/heads/${name}`)).toBe(one);
  });

  it.each([["--force"], ["$(id)"], ["a b"], ["../x"], ["a\nb"], ["x".repeat(300)]])(
    "is refused under the name %j",
    async (name) => {
      const { remote, one, refs } = await start();
      const outcome = refusalOf(cutReleaseBranch(refs, { name, commit: one, now }));
      // Git allows the text of a shell's substitution: it is never given to one.
      if (name === "$(id)") {
        await expect(outcome).rejects.toThrow("it did not fail");
        expect(await remote.holds(`refs/heads/${name}`)).toBe(one);
      } else {
        expect(await outcome).toMatchObject({ code: "BRANCH_INVALID" });
      }
    },
  );
});
