import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { moveAll } from "../../.dagger/src/promote/move-all.ts";
import type { PlannedMove } from "../../.dagger/src/promote/planned.ts";
import { RegistryClient } from "../../.dagger/src/registry/client.ts";
import { shortDigest } from "../../.dagger/src/registry/digest.ts";
import { answers, frontOf, type RegistryFront } from "../support/registryFront.ts";
import { type RegistryProcess, seedImage, startRegistry } from "../support/registryProcess.ts";

let registries: RegistryProcess[];
let fronts: RegistryFront[];
let count = 0;

beforeAll(async () => {
  registries = await Promise.all([startRegistry(), startRegistry()]);
});
afterAll(() => Promise.all(registries.map((registry) => registry.stop())));

beforeEach(async () => {
  fronts = await Promise.all(registries.map(({ origin }) => frontOf(origin)));
});
afterEach(() => Promise.all(fronts.map((front) => front.stop())));

function client(front: RegistryFront): RegistryClient {
  const retry = { sleep: () => Promise.resolve() };
  return new RegistryClient({ host: front.host, access: "write", retry });
}

/** A service of its own for each test, whose tag prod holds `old` (if any) and is to hold `next`. */
async function planned(old: string | undefined): Promise<PlannedMove[]> {
  const name = `service${++count}`;
  return Promise.all(
    fronts.map(async (front, index): Promise<PlannedMove> => {
      const { origin = "" } = registries[index] ?? {};
      if (old !== undefined) await seedImage(origin, name, old, "prod");
      const { digest } = await seedImage(origin, name, `${name} next`);
      const own = client(front);
      const [before, target] = await Promise.all([own.find(name, "prod"), own.get(name, digest)]);
      front.seen.length = 0;
      return {
        service: { name } as PlannedMove["service"],
        registry: {
          name: `r${index}`,
          client: () => Promise.resolve(own),
          repositoryOf: () => ({ host: front.host, path: name }),
        },
        tag: "prod",
        ref: `r${index}/${name}:prod`,
        before,
        target,
      };
    }),
  );
}

/** What prod holds in each registry, asked without the front. */
function held({ service }: { service: { name: string } }): Promise<(string | undefined)[]> {
  return Promise.all(
    registries.map(({ host }) => new RegistryClient({ host }).head(service.name, "prod")),
  );
}

async function failureOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "no failure",
    (error: unknown) => (error as Error).message,
  );
}

const refusal = { method: "PUT", body: '{"errors":[{"code":"DENIED","message":"no"}]}' };
const refusesWriting = answers(403, refusal);

describe("moving a channel's tags", () => {
  it("costs one PUT and one HEAD for each of them", async () => {
    const moves = await planned("old");
    await moveAll(moves, () => undefined);
    const [move] = moves;
    expect(await held(move!)).toEqual([move!.target.digest, move!.target.digest]);
    for (const front of fronts) {
      expect(front.seen.map((line) => line.split(" ")[0])).toEqual(["PUT", "HEAD"]);
    }
  });

  it("leaves those alone that hold the digest already", async () => {
    const moves = await planned("old");
    await moveAll(moves, () => undefined);
    for (const front of fronts) front.seen.length = 0;
    const told: string[] = [];
    const again = moves.map((move) => ({ ...move, before: move.target }));
    await moveAll(again, (line) => told.push(line));
    expect(fronts.flatMap(({ seen }) => seen)).toEqual([]);
    expect(told).toHaveLength(2);
    for (const line of told) expect(line).toContain("already");
  });

  it("puts all back to what they held when one registry refuses, and says so for each", async () => {
    const moves = await planned("old");
    fronts[1]?.faults.push(refusesWriting);
    const message = await failureOf(moveAll(moves, () => undefined));
    const before = moves[0]?.before?.digest ?? "";
    expect(await held(moves[0]!)).toEqual([before, before]);
    expect(message).toMatch(
      /^nothing is promoted, every tag holds what it held before: .*\[PROMOTION_FAILED\]$/m,
    );
    for (const { ref } of moves) {
      expect(message).toContain(
        `${ref}: held ${shortDigest(before)}, holds ${shortDigest(before)}`,
      );
    }
  });

  it("finds out before a tag is new whether it may write everywhere: not every registry can remove one", async () => {
    const moves = await planned(undefined);
    fronts[1]?.faults.push(refusesWriting);
    const message = await failureOf(moveAll(moves, () => undefined));
    expect(await held(moves[0]!)).toEqual([undefined, undefined]);
    expect(message).toMatch(
      /^nothing is promoted, no tag was touched: .*403.*\[PROMOTION_FAILED\]$/m,
    );
    await moveAll(moves, () => undefined);
    expect(await held(moves[0]!)).toEqual([moves[0]?.target.digest, moves[0]?.target.digest]);
  });

  it("never takes a tag back that someone else has moved meanwhile", async () => {
    const moves = await planned("old");
    const { origin = "" } = registries[0] ?? {};
    const name = moves[0]!.service.name;
    let theirs = "";
    fronts[1]?.faults.push(refusesWriting);
    // Someone moves the tag after we have read it back, before it is put back.
    let asked = 0;
    fronts[0]?.faults.push((incoming, answer) => {
      if (incoming.method !== "HEAD" || ++asked < 2) return false;
      void seedImage(origin, name, "theirs", "prod").then(({ digest }) => {
        theirs = digest;
        answer.writeHead(200, { "docker-content-digest": digest }).end();
      });
      return true;
    });
    const message = await failureOf(moveAll(moves, () => undefined));
    expect(theirs).not.toBe("");
    expect((await held(moves[0]!))[0]).toBe(theirs);
    expect(message).toContain(
      `${moves[0]!.ref}: held ${shortDigest(moves[0]!.before!.digest)}, holds ${shortDigest(theirs)}`,
    );
  });

  it("says loudly when a tag could not be put back", async () => {
    const moves = await planned("old");
    const [first, second] = fronts;
    second?.faults.push(refusesWriting);
    // The first PUT passes, the one that puts it back does not.
    let puts = 0;
    first?.faults.push(
      (incoming, answer) =>
        incoming.method === "PUT" && ++puts > 1 && refusesWriting(incoming, answer),
    );
    const message = await failureOf(moveAll(moves, () => undefined));
    const before = moves[0]?.before?.digest;
    expect(await held(moves[0]!)).toEqual([moves[0]?.target.digest, before]);
    expect(message).toMatch(/^HALF PROMOTED, some tags could not be put back: /);
    expect(message).toContain("at once");
  });
});
