import type { IncomingMessage } from "node:http";
import { readdir, readFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { writeFiles } from "../../.dagger/src/files/download.ts";
import type { Place } from "../../.dagger/src/registry/copy/place.ts";
import type { Stage } from "../../.dagger/src/verify/stage.ts";
import { verifyCandidate, type VerificationRun } from "../../.dagger/src/verify/verify.ts";
import { verificationSchema } from "../../.dagger/src/verify/model.ts";
import { held, pushBlob, pushManifest, seedImage, sha256 } from "../support/registryContent.ts";
import { always, begins, only } from "../support/registryFaults.ts";
import { answers, frontOf, hangs, type RegistryFront } from "../support/registryFront.ts";
import { type RegistryProcess, startRegistry } from "../support/registryProcess.ts";
import { firmware, placeIn, publishFiles } from "../support/releasedFiles.ts";
import { scratch } from "../support/scratch.ts";
import { refusalOf } from "../support/shipyard.ts";

const commit = "a".repeat(40);
const repository = "board/firmware";
const image = Buffer.from(firmware["firmware.bin"]);
const hex = (bytes: Uint8Array) => sha256(bytes).replace("sha256:", "");

let registry: RegistryProcess;
let front: RegistryFront;
let digest: string;
let place: Place;

beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry.stop());
beforeEach(async () => {
  front = await frontOf(registry.origin);
  digest = await publishFiles(placeIn(registry, repository), commit);
  place = placeIn(front, repository);
});
afterEach(() => front.stop());

/** No container belongs to files. */
const noStage: Stage = {
  prepare: () => Promise.reject(new Error("files never run")),
  close: () => Promise.resolve(),
};

async function verify(
  of = digest,
  from: () => Promise<Place> = () => Promise.resolve(place),
  signal?: AbortSignal,
): Promise<VerificationRun> {
  const ref = `${registry.host}/${repository}@${of}`;
  const files = [{ name: "firmware", ref, place: from }];
  const run = await verifyCandidate({ commit, services: [], files, stage: noStage, signal });
  expect(verificationSchema.parse(JSON.parse(JSON.stringify(run.verification)))).toEqual(
    run.verification,
  );
  return run;
}

const asksFor = ({ url = "" }: IncomingMessage, bytes: Uint8Array) => url.endsWith(sha256(bytes));

/** Serves other bytes in the place of a blob. */
function instead(of: Uint8Array, served: (bytes: Buffer) => Buffer): RegistryFront["rewrite"] {
  return (incoming, _, body) =>
    incoming.method === "GET" && asksFor(incoming, of) ? served(body) : body;
}

describe("files pass", () => {
  it("when every one has the checksum that it was released with", async () => {
    const { verification } = await verify();
    expect(verification).toMatchObject({ passed: true, digests: { firmware: digest } });
    expect(verification.reason).toMatch(/^2 files intact in /);
    expect(verification.files[0]?.files).toEqual(
      Object.entries(firmware).map(([name, text]) => ({
        ...{ name, size: text.length, sha256: hex(Buffer.from(text)), intact: true },
      })),
    );
  });

  it("also where a bit was lost on the way, once", async () => {
    const lost = Buffer.from(image);
    lost[3] = (lost[3] ?? 0) ^ 1;
    front.faults.push(
      only(/^GET .*blobs/, (incoming, answer) => {
        if (!asksFor(incoming, image)) return false;
        answer.writeHead(200).end(lost);
        return true;
      }),
    );
    const { verification } = await verify();
    expect(front.faults).toEqual([]);
    expect(verification.passed).toBe(true);
  });
});

describe("files do not pass", () => {
  it("with a flipped bit: the file, the expected checksum and the one found are named", async () => {
    const flipped = Buffer.from(image);
    flipped[3] = (flipped[3] ?? 0) ^ 1;
    front.rewrite = instead(image, () => flipped);
    const { verification } = await verify();
    const expected = `SHA-256 ${hex(image)} of firmware.bin (13 bytes)`;
    const found = `${hex(flipped)} (13 bytes)`;
    expect(verification.passed).toBe(false);
    expect(verification.reason).toBe(`firmware: expected ${expected}, got ${found}`);
    expect(verification.digests).toEqual({});
    expect(verification.files[0]).toMatchObject({
      state: "failed",
      failure: { code: "CHECKSUM_MISMATCH", expected, found },
      files: [
        { name: "firmware.bin", intact: false },
        { name: "firmware.map", intact: true },
      ],
    });
  });

  it.each([
    ["a truncated file", (bytes: Buffer) => bytes.subarray(0, 5), "(5 bytes)"],
    [
      "a file that goes on",
      (bytes: Buffer) => Buffer.concat([bytes, bytes]),
      "(more than 13 bytes)",
    ],
    ["a file of nothing", () => Buffer.alloc(0), "(0 bytes)"],
  ])("with %s", async (_, served, found) => {
    front.rewrite = instead(image, served);
    const { verification } = await verify();
    expect(verification.files[0]?.failure?.code).toBe("CHECKSUM_MISMATCH");
    expect(verification.reason).toContain(found);
  });

  it("when a file breaks off, again and again", async () => {
    front.faults.push(...always(only(new RegExp(sha256(image)), begins(image, 5, "hangs up"))));
    const { verification } = await verify();
    expect(verification.files[0]?.failure?.code).toBe("PULL_FAILED");
    expect(verification.reason).toContain(`could not pull firmware.bin of ${registry.host}/`);
  });

  it("when a file is gone", async () => {
    front.faults.push(...always(only(new RegExp(`^GET .*${sha256(image)}`), answers(404))));
    const { verification } = await verify();
    expect(verification.reason).toContain("could not pull firmware.bin of ");
    expect(verification.reason).toContain("HTTP 404, the registry has no such blob");
  });

  it.each([
    ["names another checksum", (text: string) => text.replace(/^\w{4}/, "0000"), /got 0000\w{60}$/],
    ["leaves one out", (text: string) => text.replace(/^.*\n/, ""), /got no line for it$/],
  ])("when their list of checksums %s", async (_, edited, found) => {
    const original = await held(registry.origin, repository, `manifests/${digest}`);
    const manifest = JSON.parse(original?.toString() ?? "") as {
      layers: Layer[];
      mediaType: string;
    };
    const list = manifest.layers.at(-1);
    if (!list) throw new Error("there is no list");
    const text =
      (await held(registry.origin, repository, `blobs/${list.digest}`))?.toString() ?? "";
    const forged = new Uint8Array(Buffer.from(edited(text)));
    list.digest = await pushBlob(registry.origin, repository, forged);
    list.size = forged.length;
    const pushed = await pushManifest(
      ...([registry.origin, repository, manifest.mediaType, JSON.stringify(manifest)] as const),
    );
    const { verification } = await verify(pushed.digest);
    expect(verification.files[0]?.failure?.code).toBe("CHECKSUM_MISMATCH");
    expect(verification.reason).toContain("of firmware.bin in SHA256SUMS");
    expect(verification.reason).toMatch(found);
  });

  it("when their digest is that of an image", async () => {
    const pushed = await seedImage(registry.origin, repository, "an image");
    const { verification } = await verify(pushed.digest);
    expect(verification.files[0]).toMatchObject({ failure: { code: "PULL_FAILED" }, files: [] });
    expect(verification.reason).toContain("expected files that Sluice released: artifactType");
  });

  it("when their registry can't be asked", async () => {
    const { verification } = await verify(digest, () => Promise.reject(new Error("no route")));
    expect(verification.reason).toMatch(/^firmware: could not pull \S+: no route$/);
  });

  it("when the verification is interrupted", async () => {
    const stop = new AbortController();
    front.faults.push((incoming, answer) => {
      if (!asksFor(incoming, image)) return false;
      stop.abort();
      return hangs()(incoming, answer);
    });
    const { verification } = await verify(digest, undefined, stop.signal);
    expect(verification.files[0]?.failure?.code).toBe("INTERRUPTED");
  });
});

interface Layer {
  digest: string;
  size: number;
}

describe("a download", () => {
  it("keeps no file that is not what was released, and names it", async () => {
    const flipped = Buffer.from(image);
    flipped[0] = 0;
    front.rewrite = instead(image, () => flipped);
    const folder = await scratch();
    const { code, message } = await refusalOf(writeFiles(place, digest, folder));
    expect(code).toBe("FILES_CORRUPT");
    expect(message).toContain(
      `firmware.bin of ${front.host}/${repository}@${digest}: expected ${sha256(image)} (13 bytes), got ${sha256(flipped)} (13 bytes)`,
    );
    expect(await readdir(folder)).not.toContain("firmware.bin");
  });

  it("begins a file anew that broke off", async () => {
    front.faults.push(only(new RegExp(sha256(image)), begins(image, 5, "hangs up")));
    const folder = await scratch();
    const written = await writeFiles(place, digest, folder);
    expect(front.faults).toEqual([]);
    expect(written[0]).toMatchObject({ name: "firmware.bin", size: 13 });
    expect(sha256(await readFile(written[0]?.path ?? ""))).toBe(sha256(image));
  });
});

describe("an upload", () => {
  it.each([
    ["refuses to write", 403, "REGISTRY_DENIED"],
    ["is full", 507, "REGISTRY_FULL"],
    ["stays out of order", 503, "REGISTRY_UNAVAILABLE"],
  ])("to a registry that %s leaves no tag behind", async (_, status, expected) => {
    const own = "board/refused";
    const bytes = Buffer.from(`never there ${status}`);
    front.faults.push(
      ...always(only(new RegExp(`^PUT .*${sha256(bytes).slice(7)}`), answers(status))),
    );
    const { code } = await refusalOf(
      publishFiles(placeIn(front, own), "b".repeat(40), { "f.bin": bytes }),
    );
    expect(code).toBe(expected);
    expect(await held(registry.origin, own, `manifests/sha-${"b".repeat(40)}`)).toBeUndefined();
  });
});
