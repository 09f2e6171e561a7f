import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { channelStream, commitStream } from "../../.dagger/src/ledger/streams.ts";
import { approval, COMMIT, ledgerAt, notesOf } from "../support/ledgers.ts";
import { frontOf, type RegistryFront } from "../support/registryFront.ts";
import { type RegistryProcess, startRegistry } from "../support/registryProcess.ts";

const stream = channelStream("prod");
let registry: RegistryProcess;
let front: RegistryFront;
let repository: string;
let count = 0;

beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry.stop());
beforeEach(async () => {
  front = await frontOf(registry.origin);
  repository = `acme/ledger-${++count}`;
});
afterEach(() => front.stop());

const ledger = () => ledgerAt(front.host, repository);
const requests = (method: string) => front.seen.filter((line) => line.startsWith(`${method} `));

describe("a ledger that nothing was written to", () => {
  it("is empty, and no error", async () => {
    expect(await ledger().head(stream)).toBeUndefined();
    expect(await ledger().latest(stream)).toBeUndefined();
    expect(await ledger().check(stream)).toEqual([]);
    expect(await ledger().history(stream)).toEqual([]);
    expect(await ledger().streams()).toEqual([]);
  });
});

describe("records", () => {
  it("follow on each other, and are read back newest first", async () => {
    const one = await ledger().append(stream, approval("one"));
    const two = await ledger().append(stream, approval("two"));
    const three = await ledger().append(stream, approval("three"), { expect: two.digest });
    expect([one, two, three].map(({ sequence, previous }) => [sequence, previous])).toEqual([
      [1, null],
      [2, one.digest],
      [3, two.digest],
    ]);
    expect(await ledger().history(stream)).toEqual([three, two, one]);
    expect(await ledger().history(stream, { limit: 2 })).toEqual([three, two]);
    expect(await ledger().history(stream, { limit: 0 })).toEqual([]);
    expect(await ledger().head(stream)).toEqual(three);
    expect(await ledger().latest(stream)).toEqual(three);
  });

  it("are read with one request for the last one, and one for each before it", async () => {
    for (const note of ["one", "two", "three"]) await ledger().append(stream, approval(note));
    front.seen = [];
    await ledger().head(stream);
    expect(front.seen).toEqual([`GET /v2/${repository}/manifests/${stream}.head`]);
    front.seen = [];
    await ledger().history(stream);
    expect(front.seen.toSorted()).toEqual(
      ["1", "2", "4", "head"].map((tag) => `GET /v2/${repository}/manifests/${stream}.${tag}`),
    );
  });

  it("of one stream are none of another's, however alike their names", async () => {
    const names = ["a", "a.1", "a.head", "a.1.head"];
    for (const name of names) {
      await ledger().append(channelStream(name), approval(`${name} one`));
      await ledger().append(channelStream(name), approval(`${name} two`));
    }
    await ledger().append(commitStream(COMMIT), approval("commit"));
    for (const name of names) {
      expect(notesOf(await ledger().history(channelStream(name)))).toEqual([
        `${name} two`,
        `${name} one`,
      ]);
    }
    expect(await ledger().streams()).toEqual([
      ...["a", "a.1", "a.1.head", "a.head"].map(channelStream),
      commitStream(COMMIT),
    ]);
  });

  it("larger than fits into a manifest are read from their blob", async () => {
    const digests = Object.fromEntries(
      Array.from({ length: 2000 }, (_, index) => [`service-${index}`, `sha256:${"0".repeat(64)}`]),
    );
    const written = await ledger().append(stream, {
      ...{ version: 1, kind: "candidate", pipeline: "shop", at: "2026-11-21T10:00:00Z", by: "ci" },
      ...{ commit: COMMIT, digests, scope: {} },
    });
    front.seen = [];
    expect(await ledger().head(stream)).toEqual(written);
    expect(front.seen).toHaveLength(2);
  });

  it("with overlong texts are kept with these cut", async () => {
    const { record } = await ledger().append(stream, approval("x".repeat(100_000)));
    const [note = ""] = notesOf([{ record }]);
    expect(note).toHaveLength(4096);
    expect(note).toMatch(/x… \(cut from 100000 characters\)$/);
    expect((await ledger().head(stream))?.record).toEqual(record);
  });

  it("of another pipeline are neither written nor read", async () => {
    const other = ledgerAt(front.host, repository, { pipeline: "other" });
    await expect(other.append(stream, approval("one"))).rejects.toMatchObject({
      code: "LEDGER_FOREIGN",
    });
    expect(requests("PUT")).toEqual([]);
    await ledger().append(stream, approval("one"));
    await expect(other.head(stream)).rejects.toMatchObject({
      code: "LEDGER_FOREIGN",
      message: expect.stringContaining(
        "expected a record of pipeline other, got one of shop",
      ) as string,
      hint: "give each pipeline a ledger repository of its own",
    });
  });
});

describe("files of a record", () => {
  const all = {
    "verification.json": "{}",
    "logs/backend.log": "up\n",
    binary: new Uint8Array([0, 255]),
  };

  it("are read back byte for byte", async () => {
    const entry = await ledger().append(stream, approval("one"), { files: all });
    const files = await ledger().files(entry);
    expect(Object.keys(files).toSorted()).toEqual([
      "binary",
      "logs/backend.log",
      "verification.json",
    ]);
    expect(Buffer.from(files["logs/backend.log"]!).toString()).toBe("up\n");
    expect([...files["binary"]!]).toEqual([0, 255]);
    expect(await ledger().files(await ledger().append(stream, approval("two")))).toEqual({});
  });

  it("may have 16 MiB, and no more", async () => {
    const limit = 16 * 1024 * 1024;
    const entry = await ledger().append(stream, approval("one"), {
      files: { "full.bin": new Uint8Array(limit) },
    });
    expect((await ledger().files(entry))["full.bin"]).toHaveLength(limit);
    front.seen = [];
    await expect(
      ledger().append(stream, approval("two"), {
        files: { "more.bin": new Uint8Array(limit + 1) },
      }),
    ).rejects.toMatchObject({
      code: "LEDGER_TOO_LARGE",
      message: expect.stringContaining(
        `more.bin: a file of a record can have ${limit} bytes, got ${limit + 1}`,
      ) as string,
    });
    expect(front.seen).toEqual([]);
  });

  it("that are logs lose their beginning, and say so", async () => {
    const log = Buffer.concat([Buffer.alloc(17 * 1024 * 1024, "x"), Buffer.from("\nthe end\n")]);
    const entry = await ledger().append(stream, approval("one"), { files: { "logs/a.log": log } });
    const kept = Buffer.from((await ledger().files(entry))["logs/a.log"]!).toString();
    expect(kept).toHaveLength(16 * 1024 * 1024);
    expect(kept).toMatch(/^\(the beginning is cut off: 17825801 bytes in all\)\nxx/);
    expect(kept.endsWith("\nthe end\n")).toBe(true);
  });
});
