import { buffer } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { channelStream, commitStream } from "../../.dagger/src/ledger/streams.ts";
import { approval, COMMIT, ledgerAt, notesOf } from "../support/ledgers.ts";
import { type Fault, frontOf, type RegistryFront } from "../support/registryFront.ts";
import { type RegistryProcess, startRegistry } from "../support/registryProcess.ts";

const stream = commitStream(COMMIT);
let registry: RegistryProcess;
let repository: string;
let count = 0;

beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry.stop());
beforeEach(() => {
  repository = `acme/raced-${++count}`;
});

const ledger = (host = registry.host) =>
  ledgerAt(host, repository, { staleMs: 20_000, waits: true });

/** Everything that was written has to be there, once, in a sound chain. */
async function expectSound(notes: readonly string[]): Promise<void> {
  expect(await ledger().check(stream)).toEqual([]);
  expect(notesOf(await ledger().history(stream)).toSorted()).toEqual([...notes].toSorted());
}

describe("writers of the same stream at the same time", () => {
  it("two of them, fifty times, lose no record", async () => {
    const race = async (index: number): Promise<void> => {
      const at = ledgerAt(registry.host, `${repository}-${index}`, {
        staleMs: 20_000,
        waits: true,
      });
      const notes: string[] = [];
      for (let round = 0; round < 5; round++) {
        const both = [`${round} a`, `${round} b`];
        const entries = await Promise.all(both.map((note) => at.append(stream, approval(note))));
        expect(entries.map(({ sequence }) => sequence).toSorted()).toEqual(
          [2 * round + 1, 2 * round + 2].toSorted(),
        );
        notes.push(...both);
      }
      expect(await at.check(stream)).toEqual([]);
      expect(notesOf(await at.history(stream)).toSorted()).toEqual(notes.toSorted());
    };
    await Promise.all(Array.from({ length: 10 }, (_, index) => race(index)));
  });

  it("eight of them at once lose no record", async () => {
    const notes = Array.from({ length: 8 }, (_, index) => `writer ${index}`);
    await Promise.all(notes.map((note) => ledger().append(stream, approval(note))));
    await expectSound(notes);
  });
});

describe("a write that comes late, after another writer", () => {
  let front: RegistryFront;
  beforeEach(async () => {
    front = await frontOf(registry.origin);
  });
  afterEach(() => front.stop());

  const late = (tag: string) => {
    const held = holds(registry.origin, "PUT", `/v2/${repository}/manifests/${stream}.${tag}`);
    front.faults.push(held.fault);
    return held;
  };

  it("is done with its record takes its place, and writes that record again", async () => {
    await ledger().append(stream, approval("first"));
    const put = late("2");
    const slow = ledger(front.host).append(stream, approval("slow"));
    await put.arrived;
    expect(await ledger().append(stream, approval("quick"))).toMatchObject({ sequence: 2 });
    put.letGo();
    expect(await slow).toMatchObject({ sequence: 2 });
    await expectSound(["first", "quick", "slow"]);
  });

  it("and one who built on that, gives the place back", async () => {
    const put = late("1");
    const slow = ledger(front.host).append(stream, approval("slow"));
    await put.arrived;
    await ledger().append(stream, approval("quick"));
    await ledger().append(stream, approval("quicker"));
    put.letGo();
    expect(await slow).toMatchObject({ sequence: 3 });
    await expectSound(["quick", "quicker", "slow"]);
  });

  it("moved the head does not leave it behind", async () => {
    const put = late("head");
    const slow = ledger(front.host).append(stream, approval("slow"));
    await put.arrived;
    await ledger().append(stream, approval("quick"));
    put.letGo();
    await slow;
    await expectSound(["slow", "quick"]);
    expect((await ledger().head(stream))?.sequence).toBe(2);
  });

  it("and dies right then, loses nothing that was there", async () => {
    await ledger().append(stream, approval("first"));
    const put = late("2");
    const gone = ledger(front.host).append(stream, approval("gone"));
    gone.catch(() => undefined);
    await put.arrived;
    await ledger().append(stream, approval("quick"));
    front.rewrite = (incoming, _, body) => {
      incoming.socket.destroy();
      return body;
    };
    put.letGo();
    await expect(gone).rejects.toMatchObject({ code: "REGISTRY_UNREACHABLE" });
    expect(await ledger().check(stream)).toMatchObject([{ code: "LEDGER_HEAD_DIFFERS" }]);

    const told: string[] = [];
    await ledgerAt(registry.host, repository, { onRepair: (line) => told.push(line) }).append(
      stream,
      approval("next"),
    );
    expect(told).toEqual([
      `${registry.host}/${repository}:${stream}.head was at record 2, which lost its place to another; it is written again`,
    ]);
    await expectSound(["first", "gone", "quick", "next"]);
  });
});

describe("a writer who has to follow a certain record", () => {
  const channel = channelStream("prod");

  it("is refused when another came first, and nothing is written", async () => {
    const one = await ledger().append(channel, approval("one"), { expect: null });
    const two = await ledger().append(channel, approval("two"), { expect: one.digest });
    for (const expected of [null, one.digest]) {
      await expect(
        ledger().append(channel, approval("three"), { expect: expected }),
      ).rejects.toMatchObject({
        code: "LEDGER_CONFLICT",
        expected,
        found: two.digest,
        message: expect.stringContaining("somebody else has written meanwhile") as string,
        hint: "look at the history, then run this again",
      });
    }
    expect(notesOf(await ledger().history(channel))).toEqual(["two", "one"]);
    expect(await ledger().check(channel)).toEqual([]);
  });

  it.each(["2", "head"])("is refused when it slept before it wrote %s", async (tag) => {
    const front = await frontOf(registry.origin);
    const one = await ledger().append(channel, approval("one"));
    const put = holds(registry.origin, "PUT", `/v2/${repository}/manifests/${channel}.${tag}`);
    front.faults.push(put.fault);
    const paused = ledger(front.host).append(channel, approval("paused"), { expect: one.digest });
    const refused = expect(paused).rejects.toMatchObject({ code: "LEDGER_CONFLICT" });
    await put.arrived;
    // Somebody took the lock over, and goes on from what it finds.
    const found = await ledger().latest(channel);
    const taken = await ledger().append(channel, approval("taken over"), {
      expect: found?.digest ?? null,
    });
    put.letGo();
    await refused;
    expect((await ledger().history(channel))[0]).toEqual(taken);
    await ledger().append(channel, approval("next"), { expect: taken.digest });
    expect(await ledger().check(channel)).toEqual([]);
    await front.stop();
  });

  // Without the lock that they belong under, more can't be promised.
  it("of two, one at least is refused, and the ledger stays sound", async () => {
    const one = await ledger().append(channel, approval("one"));
    for (let round = 0, last = one.digest; round < 20; round++) {
      const outcomes = await Promise.allSettled(
        ["a", "b"].map((note) =>
          ledger().append(channel, approval(`${round} ${note}`), { expect: last }),
        ),
      );
      const done = outcomes.filter((outcome) => outcome.status === "fulfilled");
      expect(done.length).toBeLessThanOrEqual(1);
      for (const outcome of outcomes) {
        if (outcome.status === "rejected") {
          expect(outcome.reason).toMatchObject({ code: "LEDGER_CONFLICT" });
        }
      }
      last = (await ledger().latest(channel))!.digest;
    }
    expect((await ledger().history(channel)).at(-1)?.digest).toBe(one.digest);
  });
});

/** Takes in one request, and passes it on when it is let go. */
function holds(
  origin: string,
  method: string,
  path: string,
): { fault: Fault; arrived: Promise<void>; letGo: () => void } {
  let letGo = (): void => undefined;
  let come = (): void => undefined;
  const gate = new Promise<void>((resolve) => (letGo = resolve));
  const arrived = new Promise<void>((resolve) => (come = resolve));
  const fault: Fault = (incoming, answer) => {
    if (incoming.method !== method || incoming.url !== path) return false;
    const pass = async (): Promise<void> => {
      const body = await buffer(incoming);
      come();
      await gate;
      const headers = { "content-type": incoming.headers["content-type"] ?? "" };
      const reply = await fetch(new URL(path, origin), { method, headers, body });
      answer.writeHead(reply.status).end(await reply.text());
    };
    void pass();
    return true;
  };
  return { fault, arrived, letGo };
}
