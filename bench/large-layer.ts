import { createHash, randomBytes } from "node:crypto";
import { type Pushed, pushBlob, pushManifest, sha256 } from "../test/support/registryContent.ts";

const OCI = "application/vnd.oci.image";

/** Pushes an image of one large layer, without keeping it in memory. */
export async function pushLarge(origin: string, repository: string, size: number): Promise<Pushed> {
  const piece = randomBytes(1_000_000);
  const pieces = function* () {
    for (let left = size; left > 0; left -= piece.length) yield piece.subarray(0, left);
  };
  const hash = createHash("sha256");
  for (const one of pieces()) hash.update(one);
  const digest = `sha256:${hash.digest("hex")}`;
  const started = await fetch(`${origin}/v2/${repository}/blobs/uploads/`, { method: "POST" });
  const url = new URL(started.headers.get("location") ?? "", origin);
  url.searchParams.set("digest", digest);
  const put = await fetch(url, {
    method: "PUT",
    headers: { "content-length": String(size), "content-type": "application/octet-stream" },
    body: ReadableStream.from(pieces()),
    duplex: "half",
  });
  if (put.status !== 201) throw new Error(`PUT blob: HTTP ${put.status} ${await put.text()}`);
  const config = new Uint8Array(
    Buffer.from(JSON.stringify({ architecture: "amd64", os: "linux", rootfs: { type: "layers" } })),
  );
  await pushBlob(origin, repository, config);
  const manifest = {
    schemaVersion: 2,
    mediaType: `${OCI}.manifest.v1+json`,
    config: { mediaType: `${OCI}.config.v1+json`, digest: sha256(config), size: config.length },
    layers: [{ mediaType: `${OCI}.layer.v1.tar`, digest, size }],
  };
  return pushManifest(origin, repository, manifest.mediaType, JSON.stringify(manifest));
}
