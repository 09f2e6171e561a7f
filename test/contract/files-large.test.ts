import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeFiles } from "../../.dagger/src/files/download.ts";
import { uploadFiles } from "../../.dagger/src/files/upload.ts";
import { verifyCandidate } from "../../.dagger/src/verify/verify.ts";
import { type RegistryProcess, startRegistry } from "../support/registryProcess.ts";
import { placeIn } from "../support/releasedFiles.ts";
import { scratch } from "../support/scratch.ts";

const MEGABYTE = 1_000_000;
const size = 120 * MEGABYTE;
/** What may be kept of it at any time: some pieces on their way in, and on their way out. */
const allowed = size / 2;

let registry: RegistryProcess;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry.stop());

/** Bytes kept outside the heap that `work` adds at most, looked at each time the event loop turns. */
async function most(work: () => Promise<unknown>): Promise<number> {
  const kept = () => process.memoryUsage().arrayBuffers;
  const before = kept();
  let found = 0;
  const timer = setInterval(() => (found = Math.max(found, kept() - before)), 2);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return found;
}

describe("a file of 120 MB", () => {
  it("goes to a registry, is verified and comes back without being kept in memory", async () => {
    const folder = await scratch();
    const path = join(folder, "firmware.bin");
    const file = await open(path, "w");
    const hash = createHash("sha256");
    for (let n = 0; n < size / MEGABYTE; n++) {
      const piece = Buffer.alloc(MEGABYTE, `piece ${n}`);
      hash.update(piece);
      await file.write(piece);
    }
    await file.close();
    const digest = `sha256:${hash.digest("hex")}`;
    const collected = [{ name: "firmware.bin", digest, size, path }];
    const place = placeIn(registry, "large/firmware");

    let artifact = "";
    const uploading = async () => (artifact = await uploadFiles(place, "v1", collected, {}));
    expect(await most(uploading)).toBeLessThan(allowed);

    const ref = `${registry.host}/large/firmware@${artifact}`;
    const verifying = async () => {
      const { verification } = await verifyCandidate({
        ...{ commit: "a".repeat(40), services: [] },
        files: [{ name: "firmware", ref, place: () => Promise.resolve(place) }],
        stage: { prepare: () => Promise.reject(new Error()), close: () => Promise.resolve() },
      });
      expect(verification.reason).toMatch(/^1 file intact in /);
    };
    expect(await most(verifying)).toBeLessThan(allowed);

    const back = await scratch();
    const downloading = async () => {
      const [written] = await writeFiles(place, artifact, back);
      expect(written).toMatchObject({ digest, size });
    };
    expect(await most(downloading)).toBeLessThan(allowed);
  });
});
