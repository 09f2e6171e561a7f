import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SluiceError } from "../../.dagger/src/error.ts";
import { moveAll } from "../../.dagger/src/promote/move-all.ts";
import { type PlannedMove, ready } from "../../.dagger/src/promote/planned.ts";
import { tryWriting } from "../../.dagger/src/promote/try-writing.ts";
import { RegistryClient } from "../../.dagger/src/registry/client.ts";
import { shortDigest } from "../../.dagger/src/registry/digest.ts";
import { answers, type Fault, frontOf, type RegistryFront } from "../support/registryFront.ts";
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
          imageOf: () => `r${index}/${name}`,
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

/** Moves tags as a promotion does, without what is around it. */
async function move(
  moves: readonly PlannedMove[],
  onProgress: (line: string) => void = () => undefined,
): Promise<void> {
  const own = await ready(moves);
  await tryWriting(own);
  const nothing = () => Promise.resolve();
  const { signal } = new AbortController();
  const failure = await moveAll(own, {
    recover: "sluice call recover --channel prod",
    confirm: nothing,
    last: nothing,
    stays: () => false,
    resumed: false,
    hurry: signal,
    onProgress,
  });
  if (failure) throw failure.error;
}

const refusal = { method: "PUT", body: '{"errors":[{"code":"DENIED","message":"no"}]}' };
const refusesWriting = answers(403, refusal);
/** Refuses to write the tag, but not the manifest under its digest. */
const refusesTag: Fault = (incoming, answer) =>
  (incoming.url ?? "").endsWith("/prod") && refusesWriting(incoming, answer);

describe("moving a channel's tags", () => {
  it("costs a trial, a look, one PUT and one HEAD for each of them", async () => {
    const moves = await planned("old");
    await move(moves);
    const [first] = moves;
    expect(await held(first!)).toEqual([first!.target.digest, first!.target.digest]);
    for (const front of fronts) {
      expect(front.seen.map((line) => line.split(" ")[0])).toEqual(["PUT", "HEAD", "PUT", "HEAD"]);
    }
  });

  it("leaves those alone that hold the digest already", async () => {
    const moves = await planned("old");
    await move(moves);
    for (const front of fronts) front.seen.length = 0;
    const told: string[] = [];
    const again = moves.map((move) => ({ ...move, before: move.target }));
    await move(again, (line) => told.push(line));
    for (const { seen } of fronts)
      expect(seen.some((line) => /^PUT .*prod$/.test(line))).toBe(false);
    expect(told).toHaveLength(2);
    for (const line of told) expect(line).toContain("already");
  });

  it("puts all back to what they held when one registry refuses, and says so for each", async () => {
    const moves = await planned("old");
    fronts[1]?.faults.push(refusesTag);
    const message = await failureOf(move(moves));
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
    const message = await failureOf(move(moves));
    expect(await held(moves[0]!)).toEqual([undefined, undefined]);
    expect(message).toMatch(
      /^nothing is promoted, no tag was touched: .*403.*\[PROMOTION_FAILED\]$/m,
    );
    await move(moves);
    expect(await held(moves[0]!)).toEqual([moves[0]?.target.digest, moves[0]?.target.digest]);
  });

  it("never takes a tag back that someone else has moved meanwhile", async () => {
    const moves = await planned("old");
    const { origin = "" } = registries[0] ?? {};
    const name = moves[0]!.service.name;
    let theirs = "";
    fronts[1]?.faults.push(refusesTag);
    // Someone moves the tag after we have read it back, before it is put back.
    let asked = 0;
    fronts[0]?.faults.push((incoming, answer) => {
      if (incoming.method !== "HEAD" || ++asked < 3) return false;
      void seedImage(origin, name, "theirs", "prod").then(({ digest }) => {
        theirs = digest;
        answer.writeHead(200, { "docker-content-digest": digest }).end();
      });
      return true;
    });
    const message = await failureOf(move(moves));
    expect(theirs).not.toBe("");
    expect((await held(moves[0]!))[0]).toBe(theirs);
    expect(message).toContain(
      `${moves[0]!.ref}: held ${shortDigest(moves[0]!.before!.digest)}, holds ${shortDigest(theirs)}`,
    );
  });

  it("says loudly when a tag could not be put back", async () => {
    const moves = await planned("old");
    const [first, second] = fronts;
    second?.faults.push(refusesTag);
    // The first PUT passes, the one that puts it back does not.
    let puts = 0;
    first?.faults.push(
      (incoming, answer) =>
        /prod$/.test(incoming.url ?? "") &&
        incoming.method === "PUT" &&
        ++puts > 1 &&
        refusesWriting(incoming, answer),
    );
    const message = await failureOf(move(moves));
    const before = moves[0]?.before?.digest;
    expect(await held(moves[0]!)).toEqual([moves[0]?.target.digest, before]);
    expect(message).toMatch(/^HALF PROMOTED, some tags could not be put back: /);
    expect(message).toContain("at once");
    expect(message).toContain(
      `to repair it: crane tag r0/${moves[0]!.service.name}@${before} prod`,
    );
  });

  it("leaves alone what someone else moved before us, and puts the others back", async () => {
    const moves = await planned("old");
    const name = moves[0]!.service.name;
    const theirs = await seedImage(registries[1]?.origin ?? "", name, "theirs", "prod");
    const message = await failureOf(move(moves));
    const before = moves[0]?.before?.digest;
    expect(await held(moves[0]!)).toEqual([before, theirs.digest]);
    expect(message).toContain("someone else moved it, it is left alone");
    expect(message).toContain(
      `${moves[1]!.ref}: expected ${shortDigest(before!)}, found ${shortDigest(theirs.digest)}`,
    );
  });

  it("writes nothing more, not even back, once another run has taken over", async () => {
    const moves = await planned("old");
    const own = await ready(moves);
    for (const front of fronts) front.seen.length = 0;
    let asked = 0;
    const failure = await moveAll(own, {
      recover: "sluice call recover --channel prod",
      confirm: async () => {
        if (++asked > 1) throw new SluiceError("LOCK_LOST", "prod is locked by b now");
        return Promise.resolve();
      },
      last: () => Promise.resolve(),
      stays: () => false,
      resumed: false,
      hurry: new AbortController().signal,
      onProgress: () => undefined,
    });
    expect(failure?.restored).toBe(false);
    expect(failure?.error.message).toMatch(
      /^stopped, nothing more is written: prod is locked by b/,
    );
    const puts = fronts.flatMap(({ seen }) => seen.filter((line) => line.startsWith("PUT")));
    expect(puts).toHaveLength(1);
  });
});
