import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FrontedYard, frontedYard } from "../support/frontedYard.ts";
import { startPromotion } from "../support/promotionRun.ts";
import { type RegistryProcess, startRegistry } from "../support/registryProcess.ts";
import { promoteIn, recoverIn, statusIn } from "../support/shipyard.ts";

let registries: RegistryProcess[];
beforeAll(async () => {
  registries = await Promise.all([startRegistry(), startRegistry()]);
});
afterAll(() => Promise.all(registries.map((registry) => registry.stop())));

const [old, next, third] = ["a".repeat(40), "b".repeat(40), "c".repeat(40)] as const;

/** Promotes in a process of its own that is killed once `nth` writes of it were answered. */
async function promoteKilled({ yard, fronts }: FrontedYard, nth: number): Promise<boolean> {
  const run = startPromotion(yard, next);
  let answered = 0;
  for (const front of fronts) {
    front.rewrite = (incoming, _headers, body) => {
      const wrote = incoming.method !== "GET" && incoming.method !== "HEAD";
      if (wrote && ++answered === nth) run.signal("SIGKILL");
      return body;
    };
  }
  const { signal } = await run.ended;
  for (const front of fronts) delete front.rewrite;
  return signal === "SIGKILL";
}

type Ending = "finished" | "undone" | "recorded" | "at rest" | "not killed";

/** Kills a promotion after some of its writes, and has the next run see to it. */
async function endAfter(nth: number): Promise<Ending> {
  const own = await frontedYard(registries, [old, next]);
  try {
    if (!(await promoteKilled(own, nth))) return "not killed";
    const cut = await statusIn(own.yard);
    return nth % 4 === 0 ? await promoteAgain(own, cut.drift) : await recovered(own, cut.drift);
  } finally {
    // Every tag is as the ledger says, and so all old or all new.
    expect((await statusIn(own.yard)).drift).toEqual([]);
    await own.stop();
  }
}

/** The same promotion, given again, goes on to its end. */
async function promoteAgain({ yard }: FrontedYard, drift: readonly string[]): Promise<Ending> {
  const told: string[] = [];
  await promoteIn(yard, next, (line) => told.push(line));
  const { holds } = await statusIn(yard);
  expect(holds?.commit).toBe(next);
  if (drift.length > 0) expect(told.join("\n")).toContain("cut off on this way");
  return "finished";
}

async function recovered({ yard }: FrontedYard, drift: readonly string[]): Promise<Ending> {
  const note = await recoverIn(yard);
  const { holds } = await statusIn(yard);
  expect([old, next]).toContain(holds?.commit);
  if (drift.length === 0) return "at rest";
  expect(drift[0]).toMatch(/cut off is neither finished nor undone; run: sluice call/);
  expect(note).toMatch(/is undone|recorded as finished/);
  return holds?.commit === old ? "undone" : "recorded";
}

/** More than a promotion writes. */
const MOST_WRITES = 60;
/** How many are killed at a time. */
const AT_ONCE = 4;

describe("a promotion that is killed", () => {
  it("is known to the next run wherever it was, which finishes or undoes it", async () => {
    const ends: Ending[] = [];
    for (let nth = 2; nth <= MOST_WRITES && !ends.includes("not killed"); nth += 2 * AT_ONCE) {
      const all = Array.from({ length: AT_ONCE }, (_, index) => endAfter(nth + 2 * index));
      ends.push(...(await Promise.all(all)));
    }
    expect(ends.length).toBeGreaterThan(5);
    expect(ends).toEqual(expect.arrayContaining(["finished", "undone", "recorded", "not killed"]));
  });

  it("is undone by the promotion of something else, before that begins", async () => {
    const own = await frontedYard(registries, [old, next, third]);
    // Six trials, the journal's blob in two requests, and its record: no tag has moved yet.
    await promoteKilled(own, 9);
    expect((await statusIn(own.yard)).drift).toHaveLength(1);
    const { notes, moves } = await promoteIn(own.yard, third);
    expect(notes.join("\n")).toMatch(/cut off is undone: every tag holds what it held before/);
    const { holds, drift } = await statusIn(own.yard);
    expect(drift).toEqual([]);
    expect(holds?.commit).toBe(third);
    expect(moves).toHaveLength(6);
    await own.stop();
  });
});
