import { describe, expect, it } from "vitest";
import type { ChangeRecord, Entry } from "../../.dagger/src/ledger/model.ts";
import { driftOf } from "../../.dagger/src/status/drift.ts";
import type { ChannelStatus } from "../../.dagger/src/status/model.ts";
import { statusSummary } from "../../.dagger/src/status/summary.ts";

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const commit = "c".repeat(40);
const at = "2026-01-02T03:04:05.000Z";

function channel(more: Partial<ChannelStatus> = {}): ChannelStatus {
  const status: ChannelStatus = {
    channel: "prod",
    tag: "prod",
    holds: { commit, digests: { api: digest("1") } },
    since: at,
    by: "ann",
    blocked: [],
    lock: null,
    branch: null,
    refs: [
      {
        ...{ service: "api", registry: "ghcr", ref: "ghcr.io/acme/api:prod" },
        ...{ digest: digest("1"), recorded: digest("1") },
      },
    ],
    targets: [],
    drift: [],
    ...more,
  };
  return { ...status, drift: driftOf(status, { interrupted: undefined }) };
}

const ref = (found: string | null, recorded: string | null) => ({
  refs: [
    {
      ...{ service: "api", registry: "ghcr", ref: "ghcr.io/acme/api:prod" },
      ...{ digest: found, recorded },
    },
  ],
});

describe("drift", () => {
  it("is nothing where the tags hold what was promoted", () => {
    expect(channel().drift).toEqual([]);
  });

  it.each([
    [digest("2"), digest("1"), "holds 222222222222, recorded is 111111111111: it was moved"],
    [null, digest("1"), "holds nothing, recorded is 111111111111: it was moved or removed"],
    [digest("2"), null, "holds 222222222222, which no promotion recorded"],
  ])("is told for a tag that holds %s where %s is recorded", (found, recorded, words) => {
    const [line = "", ...others] = channel(ref(found, recorded)).drift;
    expect(line).toContain(`ghcr.io/acme/api:prod ${words}`);
    expect(others).toEqual([]);
  });

  it("is told for a branch that is elsewhere", () => {
    const { drift } = channel({ branch: { name: "production", commit: "d".repeat(40) } });
    expect(drift).toEqual([
      "branch production is at dddddddddddd, prod holds cccccccccccc: what follows the branch has something else",
    ]);
  });

  it("is an interrupted promotion first of all, with the way out of it", () => {
    const record = { kind: "promotion", commit, channel: "prod", at, by: "ann" } as ChangeRecord;
    const interrupted = { record } as Entry<ChangeRecord>;
    const lines = driftOf(channel(ref(digest("2"), digest("1"))), { interrupted });
    expect(lines).toEqual([
      "the promotion of cccccccccccc to prod that ann began at 2026-01-02T03:04:05.000Z and that was cut off is neither finished nor undone; run: sluice call recover --channel prod",
    ]);
  });
});

describe("the status for people", () => {
  it("says what a channel holds, since when, and by whom", () => {
    const text = statusSummary({ version: 1, pipeline: "shop", channels: [channel()] });
    expect(text).toBe(
      `✔ prod: ${commit}, since ${at} by ann\n  ✔  ghcr.io/acme/api:prod  111111111111\n`,
    );
  });

  it("marks what is not as the ledger says, and names lock and rolled back commits", () => {
    const lock = { holder: "bob", reason: "incident", since: at, command: "lock", claim: "c1" };
    const status = channel({ ...ref(digest("2"), digest("1")), lock, blocked: ["b".repeat(40)] });
    const text = statusSummary({ version: 1, pipeline: "shop", channels: [status] });
    expect(text).toContain("✘ prod:");
    expect(text).toContain("✘  ghcr.io/acme/api:prod  222222222222");
    expect(text).toContain(`locked by bob since ${at}: incident`);
    expect(text).toContain(`rolled back: ${"b".repeat(40)}`);
    expect(text).toContain("drift: ghcr.io/acme/api:prod holds");
  });
});
