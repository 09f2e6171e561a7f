import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeFiles } from "../../.dagger/src/files/download.ts";
import { filesIn } from "../../.dagger/src/files/inspect.ts";
import { uploadFiles } from "../../.dagger/src/files/upload.ts";
import { copyImage } from "../../.dagger/src/registry/copy/copy.ts";
import { held, pushManifest, seedImage, sha256, tagsOf } from "../support/registryContent.ts";
import { frontOf, type RegistryFront } from "../support/registryFront.ts";
import { type RegistryProcess, startRegistry } from "../support/registryProcess.ts";
import { collected, firmware, labelsOf, placeIn, publishFiles } from "../support/releasedFiles.ts";
import { scratch } from "../support/scratch.ts";
import { refusalOf } from "../support/shipyard.ts";

const run = promisify(execFile);
const commit = "a".repeat(40);

let registry: RegistryProcess;
let other: RegistryProcess;
beforeAll(async () => {
  [registry, other] = await Promise.all([startRegistry(), startRegistry()]);
});
afterAll(() => Promise.all([registry.stop(), other.stop()]));

/** A manifest as it lies in the registry. */
async function manifestOf(repository: string, reference: string): Promise<unknown> {
  const bytes = await held(registry.origin, repository, `manifests/${reference}`);
  return JSON.parse(bytes?.toString() ?? "null");
}

describe("released files", () => {
  it("are an OCI artifact: each file as it is, by its own checksum, and the list of them", async () => {
    const digest = await publishFiles(placeIn(registry, "board/firmware"), commit);
    expect(await tagsOf(registry.origin, "board/firmware")).toEqual([`sha-${commit}`]);
    const files = Object.entries(firmware).map(([name, text]) => ({ name, text }));
    const hex = (text: string) => sha256(Buffer.from(text)).replace("sha256:", "");
    const sums = files.map(({ name, text }) => `${hex(text)}  ${name}\n`).join("");
    const layer = (name: string, text: string, mediaType = "application/octet-stream") => ({
      ...{ mediaType, digest: sha256(Buffer.from(text)), size: text.length },
      annotations: { "org.opencontainers.image.title": name },
    });
    expect(await manifestOf("board/firmware", digest)).toEqual({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      artifactType: "application/vnd.sluice.files.v1",
      config: {
        mediaType: "application/vnd.oci.empty.v1+json",
        digest: sha256(Buffer.from("{}")),
        size: 2,
      },
      layers: [
        ...files.map(({ name, text }) => layer(name, text)),
        layer("SHA256SUMS", sums, "text/plain"),
      ],
      annotations: labelsOf(commit),
    });
    const blob = await held(
      registry.origin,
      "board/firmware",
      `blobs/${sha256(Buffer.from(sums))}`,
    );
    expect(blob?.toString()).toBe(sums);
  });

  it("are the same bytes wherever, and however often, they are published", async () => {
    const files = await collected();
    const labels = labelsOf(commit);
    const digests = await Promise.all(
      [registry, other].map((one) => uploadFiles(placeIn(one, "same"), "v1", files, labels)),
    );
    digests.push(await uploadFiles(placeIn(registry, "same"), "v1", files, labels));
    expect(new Set(digests).size).toBe(1);
  });

  it("of the same bytes are one blob under two names", async () => {
    const place = placeIn(registry, "twins");
    const digest = await publishFiles(place, commit, { "a.bin": "same", "b.bin": "same" });
    const folder = await scratch();
    await writeFiles(place, digest, folder);
    expect(await readFile(join(folder, "b.bin"), "utf8")).toBe("same");
  });

  it("are written to a folder, where sha256sum finds every one of them right", async () => {
    const place = placeIn(registry, "download");
    const large = Buffer.alloc(3_000_001, "x");
    const digest = await publishFiles(place, commit, { ...firmware, "large+1_rc-2.bin": large });
    const folder = await scratch();
    const written = await writeFiles(place, digest, folder);
    expect(written.map(({ name }) => name)).toEqual([
      ...["firmware.bin", "firmware.map", "large+1_rc-2.bin", "SHA256SUMS"],
    ]);
    const { stdout } = await run("sha256sum", ["--check", "--strict", "SHA256SUMS"], {
      cwd: folder,
    });
    expect(stdout).toBe("firmware.bin: OK\nfirmware.map: OK\nlarge+1_rc-2.bin: OK\n");
    expect(sha256(await readFile(join(folder, "large+1_rc-2.bin")))).toBe(sha256(large));
  });

  it("are copied between registries as images are", async () => {
    const from = placeIn(registry, "copied");
    const to = placeIn(other, "copied");
    const digest = await publishFiles(from, commit);
    await copyImage({ from, to, digest, tag: "prod", referrers: true });
    const folder = await scratch();
    await writeFiles(to, digest, folder);
    expect(await readFile(join(folder, "firmware.bin"), "utf8")).toBe(firmware["firmware.bin"]);
    expect(await to.client.head("copied", "prod")).toBe(digest);
  });

  it("that are there already are not sent again", async () => {
    const front: RegistryFront = await frontOf(registry.origin);
    try {
      await publishFiles(placeIn(front, "again"), commit);
      front.seen.length = 0;
      await publishFiles(placeIn(front, "again"), commit);
      const kinds = front.seen.map((line) => line.replace(/\/.*\//, "").replace(/sha.*/, ""));
      expect(kinds.filter((line) => line.startsWith("POST"))).toEqual([]);
    } finally {
      await front.stop();
    }
  });

  it("go in pieces through a proxy that takes no large request", async () => {
    const front = await frontOf(registry.origin);
    try {
      front.faults.push((incoming, answer) => {
        if (incoming.method !== "PUT" || Number(incoming.headers["content-length"]) < 1_500_000) {
          return false;
        }
        incoming.resume();
        answer.writeHead(413).end();
        return true;
      });
      const content = Buffer.alloc(2_500_000, "firmware");
      const digest = await publishFiles(placeIn(front, "pieces"), commit, { "f.bin": content });
      expect(front.seen.filter((line) => line.startsWith("PATCH"))).toHaveLength(3);
      const folder = await scratch();
      await writeFiles(placeIn(registry, "pieces"), digest, folder);
      expect(sha256(await readFile(join(folder, "f.bin")))).toBe(sha256(content));
    } finally {
      await front.stop();
    }
  });
});

describe("what is no artifact of released files", () => {
  it("is refused: an image", async () => {
    const { digest } = await seedImage(registry.origin, "image", "an image");
    const { code, message } = await refusalOf(filesIn(placeIn(registry, "image"), digest));
    expect(code).toBe("FILES_INVALID");
    expect(message).toContain(
      `${registry.host}/image@${digest}: expected files that Sluice released: artifactType`,
    );
  });

  it.each([
    ["a name that leads elsewhere", ["../../etc/cron.d/x", "SHA256SUMS"], "annotations"],
    ["a name twice", ["a", "a", "SHA256SUMS"], "a is in it twice"],
    ["no list of checksums", ["a"], "SHA256SUMS is not in it"],
    ["the list alone", ["SHA256SUMS"], "no file is in it"],
    ["a file without a name", [undefined, "SHA256SUMS"], "annotations"],
  ])("is refused: %s", async (_, names, why) => {
    const content = {
      ...{ schemaVersion: 2, artifactType: "application/vnd.sluice.files.v1" },
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: { mediaType: "application/vnd.oci.empty.v1+json", digest: "", size: 2 },
      layers: names.map((name) => ({
        ...{ mediaType: "application/octet-stream", size: 2, digest: sha256(Buffer.from("{}")) },
        annotations: { "org.opencontainers.image.title": name },
      })),
    };
    content.config.digest = sha256(Buffer.from("{}"));
    const place = placeIn(registry, "odd");
    await place.client.writeBlob("odd", new Uint8Array(Buffer.from("{}")));
    const { origin } = registry;
    const type = content.mediaType;
    const { digest } = await pushManifest(origin, "odd", type, JSON.stringify(content));
    const folder = await scratch();
    const { code, message } = await refusalOf(writeFiles(place, digest, folder));
    expect(code).toBe("FILES_INVALID");
    expect(message).toContain(why);
  });
});
