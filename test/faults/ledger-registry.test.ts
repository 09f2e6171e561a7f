import type { IncomingMessage } from "node:http";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { AppendOptions } from "../../.dagger/src/ledger/ledger.ts";
import type { Entry } from "../../.dagger/src/ledger/model.ts";
import { channelStream } from "../../.dagger/src/ledger/streams.ts";
import { approval, ledgerAt, notesOf } from "../support/ledgers.ts";
import { answers, type Fault, frontOf, type RegistryFront } from "../support/registryFront.ts";
import { type RegistryProcess, startRegistry } from "../support/registryProcess.ts";

const stream = channelStream("prod");
let registry: RegistryProcess;
let front: RegistryFront;
let repository: string;
let first: Entry;
let count = 0;

beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry.stop());
beforeEach(async () => {
  front = await frontOf(registry.origin);
  repository = `acme/faulty-${++count}`;
  first = await sound().append(stream, approval("first"), { expect: null });
});
afterEach(() => front.stop());

/** The ledger without anything between it and its registry. */
const sound = () => ledgerAt(registry.host, repository);
const troubled = (staleMs?: number) => ledgerAt(front.host, repository, { staleMs });

const isWrite = ({ method }: IncomingMessage) => method === "PUT" || method === "POST";
const FILES = { "junit.xml": "<testsuites/>" };
/** Blobs: the record and its file (the config is there), two each. Tags: the record's and the head. */
const WRITES = 6;

const ways: [name: string, options: () => AppendOptions][] = [
  ["whatever came before", () => ({ files: FILES })],
  ["after the one that was seen", () => ({ files: FILES, expect: first.digest })],
];
const cases = ways.flatMap(([name, options]) =>
  Array.from({ length: WRITES }, (_, index) => ({ name, options, write: index + 1 })),
);

it("a record takes as many writes as these tests go through", async () => {
  for (const [, options] of ways) {
    front.seen = [];
    const { digest } = await troubled().append(stream, approval("x"), options());
    expect(front.seen.filter((line) => /^(?:PUT|POST) /.test(line))).toHaveLength(
      // The second time the blobs are there.
      options === ways[0]![1] ? WRITES : 2,
    );
    first = { ...first, digest };
  }
});

describe("a write that is applied, but whose reply is lost", () => {
  it.each(cases)("is no failure: $name, write $write", async ({ options, write }) => {
    let writes = 0;
    front.rewrite = (incoming, _, body) => {
      if (isWrite(incoming) && ++writes === write) incoming.socket.destroy();
      return body;
    };
    const entry = await troubled().append(stream, approval("second"), options());
    expect(entry).toMatchObject({ sequence: 2, previous: first.digest });
    expect(await sound().history(stream)).toEqual([entry, first]);
    expect(await sound().check(stream)).toEqual([]);
  });
});

describe("a writer that is killed", () => {
  it.each(cases)("leaves a sound ledger: $name, after write $write", async ({ options, write }) => {
    let writes = 0;
    const dead: Fault = (incoming) => {
      if (writes >= write) incoming.socket.destroy();
      // A fault that answers is used up, but the dead stay dead.
      if (writes >= write) front.faults.push(dead);
      return writes >= write;
    };
    front.faults.push(dead);
    front.rewrite = (incoming, _, body) => {
      if (isWrite(incoming)) writes++;
      return body;
    };
    await expect(troubled().append(stream, approval("killed"), options())).rejects.toMatchObject({
      code: "REGISTRY_UNREACHABLE",
    });

    const findings = await sound().check(stream);
    expect(findings.map(({ code }) => code)).toEqual(
      write === WRITES - 1 ? ["LEDGER_HEAD_BEHIND"] : [],
    );
    const known = write >= WRITES - 1 ? ["killed", "first"] : ["first"];
    expect(notesOf(await sound().history(stream))).toEqual(known);

    const last = await sound().latest(stream);
    await sound().append(stream, approval("next"), { expect: last?.digest ?? null });
    expect(notesOf(await sound().history(stream))).toEqual(["next", ...known]);
    expect(await sound().check(stream)).toEqual([]);
  });
});

describe("a registry that", () => {
  it("fails at each kind of request once is asked again", async () => {
    const failed = new Set<string>();
    const moody: Fault = (incoming, answer) => {
      const what = `${incoming.method ?? ""} ${(incoming.url ?? "").replace(/uploads\/.+/, "")}`;
      if (failed.has(what)) return false;
      failed.add(what);
      front.faults.push(moody);
      return answers(503)(incoming, answer);
    };
    front.faults.push(moody);
    const entry = await troubled().append(stream, approval("second"), { files: FILES });
    expect(await troubled().history(stream)).toEqual([entry, first]);
    expect(await sound().check(stream)).toEqual([]);
    expect(failed.size).toBeGreaterThan(10);
  });

  it("is down is told, and nothing is changed", async () => {
    const down: Fault = (incoming, answer) => {
      front.faults.push(down);
      return answers(500)(incoming, answer);
    };
    front.faults.push(down);
    for (const work of [
      () => troubled().head(stream),
      () => troubled().history(stream),
      () => troubled().check(stream),
      () => troubled().append(stream, approval("second")),
    ]) {
      await expect(work()).rejects.toMatchObject({
        code: "REGISTRY_UNAVAILABLE",
        message: expect.stringContaining("HTTP 500 (4 attempts") as string,
      });
    }
    expect(await sound().history(stream)).toEqual([first]);
    expect(await sound().check(stream)).toEqual([]);
  });

  it.each([401, 403])("refuses writes with HTTP %i is told as such", async (status) => {
    const closed: Fault = (incoming, answer) => {
      if (!isWrite(incoming)) return false;
      front.faults.push(closed);
      return answers(status)(incoming, answer);
    };
    front.faults.push(closed);
    await expect(troubled().append(stream, approval("second"))).rejects.toMatchObject({
      code: "LEDGER_READ_ONLY",
      message: expect.stringContaining(
        `the ledger ${repository} can't be written with these credentials`,
      ) as string,
      hint: "use credentials that may write to the ledger's repository",
    });
    expect(await troubled().history(stream)).toEqual([first]);
  });
});

describe("reads that lag behind a write", () => {
  const path = (tag: string) => `/v2/${repository}/manifests/${stream}.${tag}`;

  /** Answers with what was there before, this many times. */
  function stale(tag: string, times: number, manifest?: Buffer): void {
    let written = false;
    let left = times;
    const fault: Fault = (incoming, answer) => {
      if (incoming.url !== path(tag)) return false;
      if (incoming.method === "PUT") written = true;
      if (incoming.method !== "GET" || !written || left-- <= 0) return false;
      front.faults.push(fault);
      const type = "application/vnd.oci.image.manifest.v1+json";
      const old = { headers: { "content-type": type }, body: manifest?.toString() };
      return answers(manifest ? 200 : 404, manifest ? old : {})(incoming, answer);
    };
    front.faults.push(fault);
  }

  it.each(ways)("are waited for: %s", async (_, options) => {
    const headers = { accept: "application/vnd.oci.image.manifest.v1+json" };
    const old = await fetch(registry.origin + path("head"), { headers });
    const head = Buffer.from(await old.arrayBuffer());
    stale("2", 3);
    stale("head", 3, head);
    const entry = await troubled(20_000).append(stream, approval("second"), options());
    expect(await sound().history(stream)).toEqual([entry, first]);
    expect(await sound().check(stream)).toEqual([]);
  });

  it.each(ways)("for ever are told: %s", async (_, options) => {
    stale("2", Infinity);
    await expect(troubled(300).append(stream, approval("second"), options())).rejects.toMatchObject(
      {
        code: "LEDGER_UNCONFIRMED",
        sequence: 2,
      },
    );
  });
});
