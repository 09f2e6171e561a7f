import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { RegistryClient } from "../../.dagger/src/registry/client.ts";
import { copyImage } from "../../.dagger/src/registry/copy/copy.ts";
import type { CopyResult } from "../../.dagger/src/registry/copy/model.ts";
import { RegistryError } from "../../.dagger/src/registry/failure.ts";
import { held, pushBlob, pushImage, sha256, tagsOf } from "../support/registryContent.ts";
import { always, begins, ignoresBody, only } from "../support/registryFaults.ts";
import { answers, frontOf, hangs, hangsUp, type RegistryFront } from "../support/registryFront.ts";
import { type RegistryProcess, startRegistry } from "../support/registryProcess.ts";

/** An image on its way between registries, while one of them does something wrong. */
let one: RegistryProcess;
let two: RegistryProcess;
let source: RegistryFront;
let target: RegistryFront;
let count = 0;

beforeAll(async () => {
  [one, two] = await Promise.all([startRegistry(), startRegistry()]);
});
afterAll(() => Promise.all([one.stop(), two.stop()]));
beforeEach(async () => {
  [source, target] = await Promise.all([frontOf(one.origin), frontOf(two.origin)]);
});
afterEach(() => Promise.all([source.stop(), target.stop()]));

/** An image with a large layer, in a repository of its own. */
async function fixture() {
  const repository = `acme/image-${count++}`;
  const layer = new Uint8Array(randomBytes(2_000_000));
  const { digest, bytes } = await pushImage(one.origin, repository, { layers: [layer] }, "v1");
  const client = ({ host }: RegistryFront, timeoutMs: number) =>
    new RegistryClient({
      host,
      access: "write",
      timeoutMs,
      retry: { sleep: () => Promise.resolve() },
    });
  const copy = (timeoutMs = 10_000): Promise<CopyResult> =>
    copyImage({
      from: { client: client(source, timeoutMs), repository },
      to: { client: client(target, timeoutMs), repository },
      digest,
      tag: "prod",
    });
  /** The copy fails, and the target has nothing that could be taken for the image. */
  const refused = async (timeoutMs?: number): Promise<RegistryError> => {
    const error: unknown = await copy(timeoutMs).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(RegistryError);
    expect(await tagsOf(two.origin, repository)).toEqual([]);
    expect(await held(two.origin, repository, `manifests/${digest}`)).toBeUndefined();
    return error as RegistryError;
  };
  /** The copy succeeds, and the target has every byte. */
  const done = async (timeoutMs?: number): Promise<CopyResult> => {
    const result = await copy(timeoutMs);
    expect(await held(two.origin, repository, "manifests/prod")).toEqual(bytes);
    const arrived = await held(two.origin, repository, `blobs/${sha256(layer)}`);
    expect(sha256(arrived!)).toBe(sha256(layer));
    return result;
  };
  const short = sha256(layer).slice(7, 19);
  return { repository, layer, digest, short, refused, done };
}

const layerRead = /^GET .*blobs/;
const upload = /^PUT .*uploads/;
const flipped = (layer: Uint8Array) => {
  const wrong = Buffer.from(layer);
  wrong[1_000_000] = (wrong[1_000_000] ?? 0) ^ 1;
  return wrong;
};

describe("a layer", () => {
  it("that is cut off is read again", async () => {
    const { layer, done } = await fixture();
    source.faults.push(only(new RegExp(sha256(layer)), begins(layer, 700_000, "hangs up")));
    const { bytes } = await done();
    expect(bytes).toBeGreaterThan(layer.length);
  });

  it("that is always cut off is not taken for the whole", async () => {
    const { layer, short, refused } = await fixture();
    const cut = begins(layer, 700_000, "hangs up");
    source.faults = always(only(new RegExp(sha256(layer)), cut));
    const error = await refused();
    expect(error.code).toBe("REGISTRY_UNREACHABLE");
    expect(error.message).toContain(`${source.host} can't be reached`);
    expect(error.message).toContain("4 attempts");
    expect(short).toHaveLength(12);
  });

  it("with a flipped bit is refused before its end is sent", async () => {
    const { layer, short, refused } = await fixture();
    source.faults = always(only(new RegExp(sha256(layer)), answers(200, { body: flipped(layer) })));
    const error = await refused();
    expect(error.code).toBe("DIGEST_MISMATCH");
    expect(error.message).toContain(`blob ${short}: expected ${sha256(layer)}, got sha256:`);
    expect(error.hint).toContain("the source registry keeps other bytes");
  });

  it("that is shorter or longer than its manifest says is refused", async () => {
    for (const size of [1_999_999, 2_000_001]) {
      const { layer, refused } = await fixture();
      const other = Buffer.alloc(size, layer);
      source.faults = always(only(new RegExp(sha256(layer)), answers(200, { body: other })));
      const error = await refused();
      expect(error.code).toBe("DIGEST_MISMATCH");
      expect(error.message).toContain(`expected 2000000 bytes, got`);
    }
  });

  it("that only trickles is given up, and read again", async () => {
    const { layer, done } = await fixture();
    source.faults.push(only(new RegExp(sha256(layer)), begins(layer, 1000, "trickles")));
    await done(1500);
    expect(source.seen.filter((line) => line.includes(sha256(layer)))).toHaveLength(2);
  });

  it("that always trickles is named a time-out", async () => {
    const { layer, refused } = await fixture();
    source.faults = always(only(new RegExp(sha256(layer)), begins(layer, 1000, "trickles")));
    const error = await refused(400);
    expect(error.code).toBe("REGISTRY_TIMEOUT");
    expect(error.message).toContain(`${source.host} sent nothing, or next to nothing, for 400 ms`);
  });

  it("that the registry doesn't have is named", async () => {
    const { layer, short, repository, refused } = await fixture();
    const missing = answers(404, { body: '{"errors":[{"code":"BLOB_UNKNOWN"}]}' });
    source.faults = always(only(new RegExp(`GET .*${sha256(layer)}`), missing));
    const error = await refused();
    expect(error.code).toBe("BLOB_NOT_FOUND");
    expect(error.message).toContain(`GET ${source.host}/${repository} blob ${short}: HTTP 404`);
    expect(error.hint).toContain("publish it again");
    expect(source.seen.filter((line) => line.includes(sha256(layer)))).toHaveLength(1);
  });
});

describe("an upload", () => {
  it("whose session is lost begins anew", async () => {
    const { done } = await fixture();
    const lost = answers(404, { body: '{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN"}]}' });
    target.faults.push(only(upload, lost), only(upload, lost));
    await done();
    expect(target.seen.filter((line) => line.startsWith("POST"))).toHaveLength(4);
  });

  it("whose sessions are always lost says what may be the matter", async () => {
    const { refused } = await fixture();
    target.faults = always(only(upload, answers(404)));
    const error = await refused();
    expect(error.code).toBe("UPLOAD_LOST");
    expect(error.hint).toContain("replicas may not share their uploads");
  });

  it("that was taken but not answered is not sent again", async () => {
    const { layer, done } = await fixture();
    target.rewrite = (incoming, _, body) => {
      if (upload.test(`${incoming.method ?? ""} ${incoming.url ?? ""}`)) incoming.socket.destroy();
      return body;
    };
    const { bytes } = await done();
    expect(bytes).toBeLessThan(layer.length * 2);
    expect(target.seen.filter((line) => upload.test(line))).toHaveLength(2);
  });

  it("that is reset or hangs is looked after, and made again", async () => {
    const { done } = await fixture();
    target.faults.push(
      only(upload, hangsUp()),
      only(upload, hangs()),
      only(/^POST/, hangsUp()),
      only(/^HEAD .*blobs/, answers(503)),
    );
    await done(1500);
  });

  it("that isn't taken in is named a time-out of its registry", async () => {
    const { refused } = await fixture();
    target.faults = always(only(upload, ignoresBody()));
    const error = await refused(400);
    expect(error.code).toBe("REGISTRY_TIMEOUT");
    expect(error.message).toContain(target.host);
  });

  it.each([
    [413, "UPLOAD_TOO_LARGE", "raise the size limit"],
    [507, "REGISTRY_FULL", "free space in the registry"],
    [403, "REGISTRY_DENIED", "may read and write"],
  ])("that is answered %i is not tried again", async (status, code, hint) => {
    const { refused } = await fixture();
    target.faults = always(only(upload, answers(status, { body: "<html>no</html>" })));
    const error = await refused();
    expect(error.code).toBe(code);
    expect(error.message).toContain(`HTTP ${status}`);
    expect(error.hint).toContain(hint);
    expect(target.seen.filter((line) => upload.test(line)).length).toBeLessThanOrEqual(2);
  });

  it("to a repository that has to be created first says so", async () => {
    const { refused } = await fixture();
    target.faults = always(only(/^POST/, answers(404)));
    const error = await refused();
    expect(error.code).toBe("REPOSITORY_NOT_FOUND");
    expect(error.hint).toContain("create the repository");
  });
});

describe("a registry", () => {
  it("that is down for good is named with all that was tried", async () => {
    const { refused } = await fixture();
    target.faults = always(only(/^(POST|HEAD)/, answers(503)));
    const error = await refused();
    expect(error.code).toBe("REGISTRY_UNAVAILABLE");
    expect(error.message).toContain("HTTP 503 (4 attempts)");
    expect(error.hint).toContain("wait for the registry to recover");
  });

  it("that wants its blobs first, and lost one, is told of by its own words", async () => {
    const { refused } = await fixture();
    const body = '{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN","message":"blob unknown"}]}';
    target.faults = always(only(/^PUT .*manifests/, answers(400, { body })));
    const error = await refused();
    expect(error.code).toBe("BLOB_NOT_FOUND");
    expect(error.message).toContain("HTTP 400, MANIFEST_BLOB_UNKNOWN: blob unknown");
  });

  it("that stores another manifest than it was given is found out", async () => {
    const { refused } = await fixture();
    target.faults = always(
      only(
        /^PUT .*manifests/,
        answers(201, { headers: { "docker-content-digest": `sha256:${"0".repeat(64)}` } }),
      ),
    );
    const error = await refused();
    expect(error.code).toBe("DIGEST_MISMATCH");
    expect(error.message).toContain("the registry stored sha256:000");
  });

  it("whose error is a flood is read only in part", async () => {
    const { refused } = await fixture();
    const flood = "x".repeat(20 * 1024 * 1024);
    target.faults = always(only(/^POST/, answers(400, { body: flood })));
    const error = await refused();
    expect(error.code).toBe("REGISTRY_REFUSED");
    expect(error.message.length).toBeLessThan(500);
  });

  it("ends all that is on its way when one part fails", async () => {
    const { layer, refused } = await fixture();
    const blob = only(new RegExp(sha256(layer)), begins(layer, 1000, "trickles"));
    source.faults = always(blob);
    target.faults = always(only(/^POST .*mount=/, answers(400)));
    target.faults.push(...always(only(/^POST/, answers(403))));
    const started = Date.now();
    const error = await refused(60_000);
    expect(error.code).toBe("REGISTRY_DENIED");
    expect(Date.now() - started).toBeLessThan(30_000);
  });
});

it("a blob that is already there is no reason to read it", async () => {
  const { repository, layer, done } = await fixture();
  await pushBlob(two.origin, repository, layer);
  expect((await done()).blobs).toEqual({ copied: 1, mounted: 0, present: 1 });
  expect(source.seen.filter((line) => layerRead.test(line))).toHaveLength(1);
});
