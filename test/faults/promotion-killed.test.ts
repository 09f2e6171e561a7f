import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { frontOf, type RegistryFront } from "../support/registryFront.ts";
import { type RegistryProcess, startRegistry } from "../support/registryProcess.ts";
import { promoteIn, publishIn, recoverIn, statusIn, type Yard } from "../support/shipyard.ts";

const program = fileURLToPath(new URL("../support/promotionProcess.ts", import.meta.url));

let registries: RegistryProcess[];
let fronts: RegistryFront[];
beforeAll(async () => {
  registries = await Promise.all([startRegistry(), startRegistry()]);
  fronts = await Promise.all(registries.map(({ origin }) => frontOf(origin)));
});
afterAll(async () => {
  await Promise.all(fronts.map((front) => front.stop()));
  await Promise.all(registries.map((registry) => registry.stop()));
});

const [old, next] = ["a".repeat(40), "b".repeat(40)];
let count = 0;

/** Three services in two registries, whose prod holds one commit; another one is published. */
async function yard(): Promise<Yard> {
  const own: Yard = {
    name: `shop${++count}`,
    services: ["backend", "frontend", "scraper"],
    registries: { ghcr: fronts[0]?.host ?? "", dockerhub: fronts[1]?.host ?? "" },
  };
  const origins = registries.map(({ origin }) => origin);
  await Promise.all([old, next].map((commit) => publishIn(own, origins, commit)));
  await promoteIn(own, old);
  return own;
}

/** Promotes in a process of its own that is killed once `nth` writes of it were answered. */
async function promoteKilled(where: Yard, commit: string, nth: number): Promise<boolean> {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", program, JSON.stringify(where), commit],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let answered = 0;
  for (const front of fronts) {
    front.rewrite = (incoming, _headers, body) => {
      const wrote = incoming.method !== "GET" && incoming.method !== "HEAD";
      if (wrote && ++answered === nth) child.kill("SIGKILL");
      return body;
    };
  }
  const [, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  for (const front of fronts) delete front.rewrite;
  return signal === "SIGKILL";
}

/** More than a promotion writes: the loop ends when nothing was left to be killed. */
const MOST_WRITES = 60;

describe("a promotion that is killed", () => {
  it("is known to the next run wherever it was, which finishes or undoes it", async () => {
    const ends: string[] = [];
    for (let nth = 2; nth <= MOST_WRITES; nth += 2) {
      const own = await yard();
      if (!(await promoteKilled(own, next, nth))) break;
      const cut = await statusIn(own);
      if (nth % 4 === 0) {
        const told: string[] = [];
        // The same promotion, given again, goes on to its end.
        await promoteIn(own, next, (line) => told.push(line));
        const { holds } = await statusIn(own);
        expect(holds?.commit).toBe(next);
        if (cut.drift.length > 0) expect(told.join("\n")).toContain("cut off on this way");
        ends.push("finished");
      } else {
        const note = await recoverIn(own);
        const { holds } = await statusIn(own);
        expect([old, next]).toContain(holds?.commit);
        if (cut.drift.length > 0) {
          expect(cut.drift[0]).toMatch(/cut off is neither finished nor undone; run: sluice call/);
          expect(note).toMatch(/is undone|recorded as finished/);
          ends.push(holds?.commit === old ? "undone" : "recorded");
        }
      }
      // Every tag is as the ledger says, and so all old or all new.
      expect((await statusIn(own)).drift).toEqual([]);
    }
    expect(ends.length).toBeGreaterThan(5);
    expect(new Set(ends)).toEqual(new Set(["finished", "undone", "recorded"]));
  });

  it("is undone by the promotion of something else, before that begins", async () => {
    const own = await yard();
    const third = "c".repeat(40);
    await publishIn(
      own,
      registries.map(({ origin }) => origin),
      third,
    );
    // Six trials, the journal's blob in two requests, and its record: no tag has moved yet.
    await promoteKilled(own, next, 9);
    expect((await statusIn(own)).drift).toHaveLength(1);
    const { notes, moves } = await promoteIn(own, third);
    expect(notes.join("\n")).toMatch(/cut off is undone: every tag holds what it held before/);
    const { holds, drift } = await statusIn(own);
    expect(drift).toEqual([]);
    expect(holds?.commit).toBe(third);
    expect(moves).toHaveLength(6);
  });
});
