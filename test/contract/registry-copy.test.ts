import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { RegistryClient } from "../../.dagger/src/registry/client.ts";
import { copyImage } from "../../.dagger/src/registry/copy/copy.ts";
import type { CopyProgress } from "../../.dagger/src/registry/copy/model.ts";
import {
  fiveLayers,
  held,
  type Pushed,
  pushImage,
  pushIndex,
  sha256,
  tagsOf,
} from "../support/registryContent.ts";
import { answers, frontOf, type RegistryFront } from "../support/registryFront.ts";
import { type RegistryProcess, startRegistry } from "../support/registryProcess.ts";

let one: RegistryProcess;
let two: RegistryProcess;
let source: RegistryFront;
let target: RegistryFront;

beforeAll(async () => {
  [one, two] = await Promise.all([startRegistry(), startRegistry()]);
});
afterAll(() => Promise.all([one.stop(), two.stop()]));
beforeEach(async () => {
  [source, target] = await Promise.all([frontOf(one.origin), frontOf(two.origin)]);
});
afterEach(() => Promise.all([source.stop(), target.stop()]));

function client({ host }: Pick<RegistryFront, "host">): RegistryClient {
  return new RegistryClient({
    host,
    access: "write",
    retry: { sleep: () => Promise.resolve() },
  });
}

/** An image of five layers, or an index of two such, in the source registry. */
const image = (repository: string, name = repository, architecture = "amd64") =>
  pushImage(one.origin, repository, { layers: fiveLayers(name), architecture }, "v1");
async function index(repository: string): Promise<Pushed> {
  const children = [
    await image(repository, `${repository} a`, "amd64"),
    await image(repository, `${repository} b`, "arm64"),
  ];
  return pushIndex(one.origin, repository, children, "v1");
}

const elsewhere = (repository: string, digest: string, tag?: string) =>
  copyImage({
    from: { client: client(source), repository },
    to: { client: client(target), repository },
    digest,
    tag,
  });

/** How often each method was asked for. */
function counted(...fronts: RegistryFront[]): Record<string, number> {
  const seen = fronts.flatMap((front) => front.seen.map((line) => line.split(" ", 1)[0] ?? ""));
  return Object.fromEntries(
    [...new Set(seen)]
      .sort()
      .map((method) => [method, seen.filter((one) => one === method).length]),
  );
}

describe("within a repository", () => {
  const retag = (repository: string, digest: string) =>
    copyImage({
      from: { client: client(source), repository },
      to: { client: client(source), repository },
      digest,
      tag: "prod",
    });

  it("a tag takes a read of each side and one write; again, only the reads", async () => {
    const { digest } = await image("retag/one");
    expect(await retag("retag/one", digest)).toMatchObject({ requests: 3, manifests: 1 });
    expect(counted(source)).toEqual({ GET: 1, HEAD: 1, PUT: 1 });
    expect(sha256((await held(one.origin, "retag/one", "manifests/prod"))!)).toBe(digest);
    source.seen = [];
    expect(await retag("retag/one", digest)).toMatchObject({ requests: 2, manifests: 0 });
    expect(counted(source)).toEqual({ GET: 1, HEAD: 1 });
  });
});

describe("within a registry", () => {
  const across = (digest: string, from: string, to: string) =>
    copyImage({
      from: { client: client(source), repository: from },
      to: { client: client(source), repository: to },
      digest,
      tag: "v1",
    });

  it("an image is mounted: no bytes, one request a blob", async () => {
    const { digest, bytes } = await image("mount/from");
    expect(await across(digest, "mount/from", "mount/to")).toEqual({
      digest,
      manifests: 1,
      blobs: { copied: 0, mounted: 6, present: 0 },
      bytes: 0,
      referrers: [],
      requests: 9,
    });
    expect(counted(source)).toEqual({ GET: 1, HEAD: 1, POST: 6, PUT: 1 });
    expect(await held(one.origin, "mount/to", "manifests/v1")).toEqual(bytes);
  });

  it("an index is mounted with its images, which get no tag", async () => {
    const { digest } = await index("mount/index");
    expect(await across(digest, "mount/index", "mount/index-to")).toMatchObject({
      manifests: 3,
      blobs: { mounted: 12 },
      requests: 19,
    });
    expect(counted(source)).toEqual({ GET: 3, HEAD: 1, POST: 12, PUT: 3 });
    expect(await tagsOf(one.origin, "mount/index-to")).toEqual(["v1"]);
  });

  it.each([202, 400, 403, 404, 405])("a mount answered %i becomes an upload", async (status) => {
    const { digest, bytes } = await image(`refused/from-${status}`);
    source.faults.push(...Array.from({ length: 6 }, () => noMount(status)));
    const result = await across(digest, `refused/from-${status}`, `refused/to-${status}`);
    expect(result.blobs).toEqual({ copied: 6, mounted: 0, present: 0 });
    expect(await held(one.origin, `refused/to-${status}`, "manifests/v1")).toEqual(bytes);
  });
});

/** Answers a mount so, or takes it for a plain upload. */
function noMount(status: number) {
  return (...[incoming, answer]: Parameters<ReturnType<typeof answers>>): boolean => {
    if (!(incoming.url ?? "").includes("mount=")) return false;
    if (status !== 202) return answers(status)(incoming, answer);
    incoming.url = incoming.url?.replace(/\?.*/, "");
    return false;
  };
}

describe("between registries", () => {
  it("an image goes with all its blobs, in three requests each", async () => {
    const { digest, bytes } = await image("absent/image");
    const result = await elsewhere("absent/image", digest, "v1");
    expect(result).toMatchObject({
      manifests: 1,
      blobs: { copied: 6, mounted: 0, present: 0 },
      requests: 21,
    });
    expect(counted(source)).toEqual({ GET: 7 });
    expect(counted(target)).toEqual({ HEAD: 1, POST: 6, PUT: 7 });
    expect(await held(two.origin, "absent/image", "manifests/v1")).toEqual(bytes);
    for (const layer of fiveLayers("absent/image")) {
      expect(await held(two.origin, "absent/image", `blobs/${sha256(layer)}`)).toEqual(
        Buffer.from(layer),
      );
    }
  });

  it("an image that is there takes its tag and nothing else", async () => {
    const { digest } = await image("present/image");
    await elsewhere("present/image", digest);
    expect(await tagsOf(two.origin, "present/image")).toEqual([]);
    [source.seen, target.seen] = [[], []];
    expect(await elsewhere("present/image", digest, "v1")).toMatchObject({ requests: 3, bytes: 0 });
    expect({ ...counted(source), ...counted(target) }).toEqual({ GET: 1, HEAD: 1, PUT: 1 });
  });

  it("blobs that are there are not sent again", async () => {
    const layers = [new Uint8Array(randomBytes(100_000)), ...fiveLayers("shared")];
    const first = await pushImage(one.origin, "shared/image", { layers }, "v1");
    await elsewhere("shared/image", first.digest, "v1");
    const second = await pushImage(one.origin, "shared/image", { layers, architecture: "arm64" });
    const result = await elsewhere("shared/image", second.digest, "v2");
    expect(result.blobs).toEqual({ copied: 1, mounted: 0, present: 6 });
    expect(await tagsOf(two.origin, "shared/image")).toEqual(["v1", "v2"]);
  });

  it("an index goes with its images, which get no tag", async () => {
    const { digest, bytes } = await index("absent/index");
    const result = await elsewhere("absent/index", digest, "v1");
    expect(result).toMatchObject({ manifests: 3, blobs: { copied: 12 }, requests: 43 });
    expect(await held(two.origin, "absent/index", "manifests/v1")).toEqual(bytes);
    expect(await tagsOf(two.origin, "absent/index")).toEqual(["v1"]);
  });

  it("an index whose images went missing gets them back", async () => {
    const { digest } = await index("missing/child");
    const child = await image("missing/child", "missing/child a", "amd64");
    await elsewhere("missing/child", digest, "v1");
    await fetch(`${two.origin}/v2/missing/child/manifests/${child.digest}`, { method: "DELETE" });
    expect(await elsewhere("missing/child", digest, "v1")).toMatchObject({ manifests: 2 });
    expect(await held(two.origin, "missing/child", `manifests/${child.digest}`)).toEqual(
      child.bytes,
    );
  });

  it("a large layer is streamed, and its progress told", async () => {
    const large = new Uint8Array(randomBytes(3_000_000));
    const { digest } = await pushImage(one.origin, "large/image", { layers: [large] }, "v1");
    const told: CopyProgress[] = [];
    const result = await copyImage({
      from: { client: client(source), repository: "large/image" },
      to: { client: client(target), repository: "large/image" },
      digest,
      tag: "v1",
      onProgress: (progress) => told.push(progress),
    });
    expect(result.bytes).toBeGreaterThan(large.length);
    const arrived = await held(two.origin, "large/image", `blobs/${sha256(large)}`);
    expect(sha256(arrived!)).toBe(sha256(large));
    const ofLarge = told.filter((one) => one.digest === sha256(large));
    expect(ofLarge.length).toBeGreaterThan(2);
    expect(ofLarge.at(-1)).toEqual({
      digest: sha256(large),
      sent: large.length,
      size: large.length,
      outcome: "copied",
    });
  });

  it("a layer passes through without being kept in memory", async () => {
    const size = 150_000_000;
    const large = new Uint8Array(randomBytes(size));
    const { digest } = await pushImage(one.origin, "flat/image", { layers: [large] }, "v1");
    const kept = () => process.memoryUsage().arrayBuffers;
    const before = kept();
    let most = 0;
    const { bytes } = await copyImage({
      from: { client: client(one), repository: "flat/image" },
      to: { client: client(two), repository: "flat/image" },
      digest,
      onProgress: () => (most = Math.max(most, kept() - before)),
    });
    expect(bytes).toBeGreaterThan(size);
    expect(most).toBeLessThan(size / 2);
  });

  it("foreign layers stay where they are", async () => {
    const foreign = {
      mediaType: "application/vnd.oci.image.layer.nondistributable.v1.tar",
      digest: sha256(Buffer.from("licensed")),
      size: 8,
      urls: ["https://example.com/licensed"],
    };
    const layers = fiveLayers("foreign");
    const { digest } = await pushImage(
      one.origin,
      "foreign/image",
      { layers, foreign: [foreign] },
      "v1",
    );
    const result = await elsewhere("foreign/image", digest, "v1");
    expect(result.blobs.copied).toBe(6);
    expect(source.seen.join()).not.toContain(foreign.digest);
  });

  it("what one image names twice goes once", async () => {
    const [layer] = fiveLayers("twice");
    const { digest } = await pushImage(
      one.origin,
      "twice/image",
      { layers: [layer!, layer!] },
      "v1",
    );
    expect((await elsewhere("twice/image", digest, "v1")).blobs.copied).toBe(2);
  });
});

it("brings a layer in chunks to a registry whose proxy takes no large request", async () => {
  const layers = [new Uint8Array(randomBytes(2_500_000)), ...fiveLayers("chunks").slice(1)];
  const content = { layers, architecture: "amd64" };
  const { digest } = await pushImage(one.origin, "chunks", content, "v1");
  for (let count = 0; count < 10; count++) {
    target.faults.push(
      (incoming, answer) =>
        Number(incoming.headers["content-length"] ?? 0) > 1_100_000 &&
        answers(413, { method: "PUT" })(incoming, answer),
    );
  }
  const { blobs } = await elsewhere("chunks", digest, "v1");
  expect(blobs.copied).toBeGreaterThan(0);
  expect(counted(target)).toMatchObject({ PATCH: 3 });
  expect(await tagsOf(two.origin, "chunks")).toEqual(["v1"]);
  const opened = await fetch(
    `${two.origin}/v2/chunks/blobs/${sha256(layers[0] ?? new Uint8Array())}`,
  );
  expect(sha256(new Uint8Array(await opened.arrayBuffer()))).toBe(
    sha256(layers[0] ?? new Uint8Array()),
  );
  expect(await client(target).head("chunks", "v1")).toBe(digest);
});
