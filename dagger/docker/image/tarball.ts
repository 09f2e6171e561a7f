import type { Blob } from "../../content/tree.ts";
import { tarStream } from "../tar.ts";
import type { ImageAssembly } from "../types.ts";
import type { Workshop } from "../workshop.ts";
import { assemble, blobsOf } from "./assemble.ts";
import { type EncodedManifest, hexOf } from "./manifest.ts";

const blobPath = (digest: string): string => `blobs/sha256/${hexOf(digest)}`;
const EPOCH = new Date(0);

/**
 * An OCI image layout as a tar, in the content store. It also has the `manifest.json` by which
 * `docker load` takes the first variant.
 */
export async function tarball(workshop: Workshop, assembly: ImageAssembly): Promise<Blob> {
  const image = await assemble(workshop, assembly);
  const { variants, index } = image;
  const manifests = [...variants.map(({ manifest }) => manifest), ...(index ? [index] : [])];
  const roots = index ? [index] : manifests;
  const blobs = new Map(variants.flatMap(blobsOf).map((blob) => [blob.digest, blob]));
  const tar = tarStream(async (writer) => {
    const write = (name: string, content: Buffer | string): void =>
      writer.file({ name, mtime: EPOCH, mode: 0o644 }, Buffer.from(content));
    write("oci-layout", JSON.stringify({ imageLayoutVersion: "1.0.0" }));
    write("index.json", JSON.stringify({ schemaVersion: 2, manifests: roots.map(describe) }));
    const [first] = variants;
    if (first) {
      const layers = first.layers.map(({ digest }) => blobPath(digest));
      const entry = { Config: blobPath(first.configDigest), RepoTags: null, Layers: layers };
      write("manifest.json", JSON.stringify([entry]));
    }
    for (const manifest of manifests) write(blobPath(manifest.digest), manifest.bytes);
    for (const { digest, size, bytes } of blobs.values()) {
      const header = { name: blobPath(digest), mtime: EPOCH, mode: 0o644 };
      if (bytes) writer.file(header, bytes);
      else await writer.stream({ ...header, size }, workshop.store.stream(hexOf(digest)));
    }
  });
  return workshop.store.putStream(tar);
}

const describe = ({ mediaType, digest, bytes }: EncodedManifest) => ({
  mediaType,
  digest,
  size: bytes.length,
});
