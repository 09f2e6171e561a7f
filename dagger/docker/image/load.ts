import { createGunzip } from "node:zlib";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { SluiceError } from "../../core/error.ts";
import { treeFromTar } from "../../content/tar.ts";
import type { Blob, Tree } from "../../content/tree.ts";
import type { StoredImage } from "../types.ts";
import type { Workshop } from "../workshop.ts";
import { compressionOf } from "./compress.ts";
import { imageOfConfig } from "./digests.ts";
import { childFor, digestOf, hexOf, indexSchema, manifestSchema } from "./manifest.ts";
import { loadImage, registerImage } from "./register.ts";

/** Config and layers of one image in an archive. */
interface ArchivedImage {
  config: Blob;
  layers: Blob[];
}

const dockerManifest = z.array(
  z.object({
    Config: z.string(),
    RepoTags: z.array(z.string()).nullish(),
    Layers: z.array(z.string()),
  }),
);

const configSchema = z.object({ rootfs: z.object({ diff_ids: z.array(z.string()) }) });
const REF_NAME = "org.opencontainers.image.ref.name";

/** Loads an OCI image layout or a `docker save` archive, gzipped or not. Throws `INVALID_ARCHIVE`. */
export async function load(
  workshop: Workshop,
  archive: Readable,
  { tag, platform = workshop.capabilities.platform }: { tag?: string; platform?: string } = {},
): Promise<StoredImage> {
  const tree = await treeFromTar(workshop.store, await gunzipped(archive));
  // An archive with both says more in its index: all its platforms.
  const found =
    tree.get("manifest.json") && !tree.get("index.json")
      ? await fromDockerArchive(workshop, tree, tag)
      : await fromLayout(workshop, tree, tag, platform);
  const config = await workshop.store.bytes(found.config.digest);
  const { rootfs } = configSchema.parse(JSON.parse(config.toString()));
  const digest = digestOf(config);
  // Nothing needs to travel when Docker has all layers, which it says by making this very image.
  await registerImage(workshop, config, digest, rootfs.diff_ids).catch(() => false);
  const known = await imageOfConfig(workshop, digest);
  if (known) return known;
  return workshop.images.inspect(await loadImage(workshop, config, digest, found.layers));
}

async function fromDockerArchive(
  workshop: Workshop,
  tree: Tree,
  tag: string | undefined,
): Promise<ArchivedImage> {
  const entries = dockerManifest.parse(await readJson(workshop, tree, "manifest.json"));
  const entry =
    tag === undefined
      ? entries[0]
      : entries.find(({ RepoTags }) =>
          RepoTags?.some((name) => name === tag || name.endsWith(`:${tag}`)),
        );
  if (!entry) throw invalid(missing(tag));
  return {
    config: blobAt(tree, entry.Config),
    layers: entry.Layers.map((path) => blobAt(tree, path)),
  };
}

async function fromLayout(
  workshop: Workshop,
  tree: Tree,
  tag: string | undefined,
  platform: string,
): Promise<ArchivedImage> {
  if (!tree.get("index.json")) throw invalid("it has neither index.json nor manifest.json");
  let index = indexSchema.parse(await readJson(workshop, tree, "index.json"));
  if (tag !== undefined) {
    const named = index.manifests.filter((child) => {
      const name = child.annotations?.[REF_NAME];
      return name === tag || (name?.endsWith(`:${tag}`) ?? false);
    });
    index = { manifests: named };
  }
  for (;;) {
    const child = childFor(index, platform) ?? index.manifests[0];
    if (!child) throw invalid(missing(tag));
    const path = blobPath(child.digest);
    const content = await readJson(workshop, tree, path);
    const manifest = manifestSchema.safeParse(content);
    if (!manifest.success) {
      index = indexSchema.parse(content);
      continue;
    }
    return {
      config: blobAt(tree, blobPath(manifest.data.config.digest)),
      layers: manifest.data.layers.map(({ digest }) => blobAt(tree, blobPath(digest))),
    };
  }
}

const blobPath = (digest: string): string => `blobs/sha256/${hexOf(digest)}`;

function blobAt(tree: Tree, path: string): Blob {
  const resolved = tree.resolve(path, { followLast: true });
  const entry = resolved === undefined ? undefined : tree.get(resolved);
  if (entry?.kind !== "file") throw invalid(`it lacks ${path}`);
  return entry.blob;
}

async function readJson({ store }: Workshop, tree: Tree, path: string): Promise<unknown> {
  try {
    return JSON.parse((await store.bytes(blobAt(tree, path).digest)).toString());
  } catch (error) {
    throw error instanceof SluiceError ? error : invalid(`${path} is not JSON`);
  }
}

const missing = (tag: string | undefined): string =>
  tag === undefined ? "it has no image" : `it has no image with the tag ${tag}`;

const invalid = (why: string): SluiceError =>
  new SluiceError("INVALID_ARCHIVE", `this is not an image archive: ${why}`);

/** Takes the compression off, if there is any. */
async function gunzipped(archive: Readable): Promise<Readable> {
  const [head, whole] = await peek(archive);
  if (compressionOf(head) !== "gzip") return whole;
  const plain = createGunzip();
  pipeline(whole, plain).catch((error: unknown) => plain.destroy(error as Error));
  return plain;
}

/** The first bytes of a stream, and a stream that still has them. */
async function peek(stream: Readable): Promise<[Buffer, Readable]> {
  const iterator = (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  const first = await iterator.next();
  const head = first.done === true ? Buffer.alloc(0) : first.value;
  async function* whole(): AsyncGenerator<Buffer> {
    yield head;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
      yield next.value;
    }
  }
  return [head, Readable.from(whole())];
}
