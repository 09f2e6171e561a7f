import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Ledger } from "../../.dagger/src/ledger/ledger.ts";
import { channelStream } from "../../.dagger/src/ledger/streams.ts";
import { readLink } from "../../.dagger/src/ledger/artifact.ts";
import { RegistryClient } from "../../.dagger/src/registry/client.ts";
import { digestOf } from "../../.dagger/src/registry/digest.ts";
import { approval, ledgerAt, notesOf } from "../support/ledgers.ts";
import { type RegistryProcess, startRegistry } from "../support/registryProcess.ts";

const stream = channelStream("prod");
let registry: RegistryProcess;
let client: RegistryClient;
let repository: string;
let ledger: Ledger;
let digests: string[];
let count = 0;

beforeAll(async () => {
  registry = await startRegistry();
  client = new RegistryClient({ host: registry.host, access: "write" });
});
afterAll(() => registry.stop());

beforeEach(async () => {
  repository = `acme/checked-${++count}`;
  ledger = ledgerAt(registry.host, repository);
  digests = [];
  for (const note of ["one", "two", "three", "four"]) {
    const expect = digests.at(-1) ?? null;
    digests.push((await ledger.append(stream, approval(note), { expect })).digest);
  }
});

/** Lets a tag hold what another one holds, as somebody with a registry tool would. */
async function point(tag: string, to: string): Promise<void> {
  await client.put(repository, `${stream}.${tag}`, await client.get(repository, to));
}

function remove(tag: string): Promise<void> {
  return registry.removeTag(repository, `${stream}.${tag}`);
}

const ref = (tag: string) => `${registry.host}/${repository}:${stream}.${tag}`;

it("a sound stream has no findings", async () => {
  expect(await ledger.check(stream)).toEqual([]);
});

describe("a record that was", () => {
  it("replaced is found, and told with what should be there", async () => {
    const other = ledgerAt(registry.host, `${repository}-other`);
    await other.append(stream, approval("one"));
    const fake = await other.append(stream, approval("forged"));
    const elsewhere = await client.get(`${repository}-other`, fake.digest);
    for (const { digest } of readLink(elsewhere)!.layers) {
      await client.writeBlob(repository, await client.readBlob(`${repository}-other`, digest));
    }
    await client.put(repository, `${stream}.2`, elsewhere);

    expect(await ledger.check(stream)).toEqual([
      {
        code: "LEDGER_RECORD_REPLACED",
        ref: ref("2"),
        sequence: 2,
        expected: digests[1],
        found: fake.digest,
        reason: `${ref("2")}: expected ${digests[1]!}, got ${fake.digest}: it is not the record that its successor names`,
      },
    ]);
    await expect(ledger.history(stream)).rejects.toMatchObject({
      code: "LEDGER_BROKEN",
      sequence: 2,
      expected: digests[1],
      found: fake.digest,
      hint: `find out who changed it, then point the tag ${stream}.2 back to ${digests[1]!}`,
    });
    // What is asked of newer records only does not touch it.
    expect(notesOf(await ledger.history(stream, { limit: 2 }))).toEqual(["four", "three"]);

    await point("2", digests[1]!);
    expect(await ledger.check(stream)).toEqual([]);
  });

  it("removed is found", async () => {
    await remove("2");
    expect(await ledger.check(stream)).toMatchObject([
      { code: "LEDGER_RECORD_MISSING", sequence: 2, expected: digests[1], found: null },
    ]);
    await expect(ledger.history(stream)).rejects.toMatchObject({
      code: "LEDGER_BROKEN",
      sequence: 2,
      expected: digests[1],
      found: null,
      message: expect.stringContaining(
        `${ref("2")}: expected ${digests[1]!}, got no such tag`,
      ) as string,
    });
  });

  it("moved to another place is found", async () => {
    await point("3", digests[1]!);
    expect(await ledger.check(stream)).toMatchObject([
      { code: "LEDGER_RECORD_INVALID", sequence: 3, found: digests[1] },
    ]);
    await expect(ledger.history(stream)).rejects.toMatchObject({
      code: "LEDGER_RECORD_INVALID",
      message: expect.stringContaining("it is record 2 of channel.prod") as string,
    });
  });

  it("numbered out of all proportion is found, and not counted up to", async () => {
    const bytes = (await client.get(repository, `${stream}.4`)).bytes;
    const text = Buffer.from(bytes)
      .toString()
      .replace('"dev.sluice.sequence":"4"', '"dev.sluice.sequence":"999999999999"');
    const forged = new Uint8Array(Buffer.from(text));
    const mediaType = "application/vnd.oci.image.manifest.v1+json";
    const manifest = { mediaType, bytes: forged, digest: digestOf(forged) };
    await client.put(repository, `${stream}.999999999999`, manifest);
    await client.put(repository, `${stream}.head`, manifest);
    expect(await ledger.check(stream)).toMatchObject([
      { code: "LEDGER_RECORD_MISSING", sequence: 999_999_999_998, expected: digests[2] },
    ]);
    await expect(ledger.history(stream)).rejects.toMatchObject({
      code: "LEDGER_BROKEN",
      sequence: 999_999_999_998,
    });
  });

  it("copied from another stream is found", async () => {
    const other = await ledger.append(channelStream("other"), approval("x"));
    await point("3", other.digest);
    expect(await ledger.check(stream)).toMatchObject([
      { code: "LEDGER_RECORD_INVALID", sequence: 3 },
    ]);
  });
});

describe("a head that", () => {
  it("is gone is found; the records are read nevertheless", async () => {
    await remove("head");
    expect(await ledger.check(stream)).toMatchObject([
      { code: "LEDGER_HEAD_MISSING", sequence: 4, expected: digests[3], found: null },
    ]);
    expect((await ledger.head(stream))?.digest).toBe(digests[3]);
    expect(await ledger.history(stream)).toHaveLength(4);
  });

  it("is behind is found, seen through, and repaired by the next record", async () => {
    await point("head", digests[1]!);
    expect(await ledger.check(stream)).toMatchObject([
      { code: "LEDGER_HEAD_BEHIND", sequence: 4, expected: digests[3], found: digests[1] },
    ]);
    expect((await ledger.latest(stream))?.digest).toBe(digests[3]);
    expect(notesOf(await ledger.history(stream))).toEqual(["four", "three", "two", "one"]);
    const told: string[] = [];
    const five = await ledgerAt(registry.host, repository, {
      onRepair: (line) => told.push(line),
    }).append(stream, approval("five"));
    expect(five).toMatchObject({ sequence: 5, previous: digests[3] });
    expect(told).toEqual([
      `${ref("head")} was at record 2, the last one is record 4; its writer was cut off, or is still at it`,
    ]);
    expect(await ledger.check(stream)).toEqual([]);
  });

  it("is behind stops a writer who believed it, once", async () => {
    await point("head", digests[1]!);
    await expect(
      ledger.append(stream, approval("five"), { expect: digests[1]! }),
    ).rejects.toMatchObject({ code: "LEDGER_CONFLICT", expected: digests[1], found: digests[3] });
    expect(await ledger.check(stream)).toEqual([]);
    expect((await ledger.head(stream))?.digest).toBe(digests[3]);
  });

  it("is ahead of the records is found, and nothing is added to it", async () => {
    await remove("4");
    expect(await ledger.check(stream)).toMatchObject([
      { code: "LEDGER_HEAD_AHEAD", sequence: 3, expected: digests[2], found: digests[3] },
    ]);
    for (const options of [{}, { expect: digests[3]! }]) {
      await expect(ledger.append(stream, approval("five"), options)).rejects.toMatchObject({
        code: "LEDGER_BROKEN",
        sequence: 4,
        expected: digests[3],
        found: null,
        hint: `find out who changed it, then point the tag ${stream}.4 back to ${digests[3]!}`,
      });
    }
    await point("4", digests[3]!);
    await ledger.append(stream, approval("five"));
    expect(await ledger.check(stream)).toEqual([]);
  });

  it("is no record at all is found", async () => {
    const image = await client.get(repository, digests[0]!);
    const bytes = new Uint8Array(
      Buffer.from(Buffer.from(image.bytes).toString().replace("vnd.sluice.record", "vnd.other")),
    );
    const digest = digestOf(bytes);
    await client.put(repository, `${stream}.head`, { ...image, bytes, digest });
    expect(await ledger.check(stream)).toMatchObject([
      { code: "LEDGER_RECORD_INVALID", sequence: null, found: digest },
    ]);
    await expect(ledger.head(stream)).rejects.toMatchObject({ code: "LEDGER_RECORD_INVALID" });
  });
});
