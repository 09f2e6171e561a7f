import { z } from "zod";
import { SluiceError } from "../../core/error.ts";
import type { Blob } from "../../content/tree.ts";
import type { RegistryClient } from "../registry/client.ts";
import { inParallel } from "../registry/parallel.ts";
import type { Reference } from "../registry/reference.ts";
import type { Workshop } from "../workshop.ts";
import { imageOfConfig } from "./digests.ts";
import type { InspectedImage } from "./images.ts";
import {
  type Descriptor,
  MANIFEST_LIMIT,
  MANIFEST_TYPES,
  childFor,
  digestOf,
  hexOf,
  indexSchema,
  manifestSchema,
} from "./manifest.ts";
import { loadImage } from "./register.ts";

const PARALLEL_DOWNLOADS = 4;
const DOWNLOAD_IDLE_MS = 30_000;

export interface ResolvedManifest {
  digest: string;
  content: unknown;
}

/** Reads a manifest by tag or digest. Throws `DIGEST_MISMATCH` when it is not what was asked for. */
export async function resolveManifest(
  client: RegistryClient,
  name: string,
): Promise<ResolvedManifest> {
  const { response, body } = await client.read(
    {
      method: "GET",
      path: `manifests/${name}`,
      headers: { accept: MANIFEST_TYPES.join(", ") },
      expect: [200],
    },
    MANIFEST_LIMIT,
  );
  const digest = digestOf(body);
  const claimed = response.headers["docker-content-digest"];
  const expected = name.startsWith("sha256:") ? name : (claimed ?? digest);
  if (expected !== digest) {
    throw new SluiceError(
      "DIGEST_MISMATCH",
      `${client.subject}: expected a manifest with digest ${String(expected)}, got ${digest}`,
      { hint: "Do not trust this registry until you know why." },
    );
  }
  try {
    return { digest, content: JSON.parse(body.toString()) as unknown };
  } catch {
    throw new SluiceError(
      "REGISTRY_ERROR",
      `${client.subject}: expected a manifest, got ${JSON.stringify(body.toString().slice(0, 80))}`,
      { hint: "Check that this address is a registry and not some other web server." },
    );
  }
}

/**
 * Brings an image into Docker without the daemon talking to the registry. When Docker has the very
 * image, only its manifest is read.
 */
export async function fetchImage(
  workshop: Workshop,
  client: RegistryClient,
  reference: Reference,
  platform: string,
): Promise<{ image: InspectedImage; digest: string }> {
  const root = await resolveManifest(client, reference.digest ?? reference.tag ?? "latest");
  const manifest = await manifestFor(client, root, platform);
  const present = await imageOfConfig(workshop, manifest.config.digest);
  if (present) return { image: present, digest: root.digest };
  const [config, ...layers] = await download(workshop, client, [
    manifest.config,
    ...manifest.layers,
  ]);
  if (!config) throw new Error("no config");
  const bytes = await workshop.store.bytes(config.digest);
  await rememberLayers(workshop, bytes, manifest.layers, layers);
  const id = await loadImage(workshop, bytes, manifest.config.digest, layers);
  return { image: await workshop.images.inspect(id), digest: root.digest };
}

async function manifestFor(client: RegistryClient, root: ResolvedManifest, platform: string) {
  const single = manifestSchema.safeParse(root.content);
  if (single.success) return single.data;
  const index = indexSchema.safeParse(root.content);
  if (!index.success) {
    throw new SluiceError("REGISTRY_ERROR", `${client.subject}: ${root.digest} is not an image`);
  }
  const child = childFor(index.data, platform);
  if (!child) {
    const offered = index.data.manifests.flatMap(({ platform: of }) =>
      of ? [`${of.os}/${of.architecture}`] : [],
    );
    throw new SluiceError(
      "IMAGE_NOT_FOUND",
      `${client.subject} has no image for ${platform}; it has ${offered.join(", ") || "none"}`,
    );
  }
  return manifestSchema.parse((await resolveManifest(client, child.digest)).content);
}

/** Downloads what the content store lacks; checks every digest. */
async function download(
  workshop: Workshop,
  client: RegistryClient,
  descriptors: readonly Descriptor[],
): Promise<Blob[]> {
  const wanted = new Map(descriptors.map((descriptor) => [descriptor.digest, descriptor]));
  await inParallel(PARALLEL_DOWNLOADS, [...wanted.values()], async ({ digest }) => {
    if (await workshop.store.has(hexOf(digest))) return;
    const response = await client.send({
      method: "GET",
      path: `blobs/${digest}`,
      expect: [200],
      idleMs: DOWNLOAD_IDLE_MS,
    });
    const blob = await workshop.store.putStream(response);
    if (`sha256:${blob.digest}` !== digest) {
      throw new SluiceError(
        "DIGEST_MISMATCH",
        `${client.subject}: expected a blob with digest ${digest}, got sha256:${blob.digest}`,
        { hint: "The download was cut short or altered; try again." },
      );
    }
  });
  return descriptors.map(({ digest, size }) => ({ digest: hexOf(digest), size }));
}

const configSchema = z.object({ rootfs: z.object({ diff_ids: z.array(z.string()) }) });

/** Layers that came compressed need not be compressed again when they are published. */
async function rememberLayers(
  { layers: cache }: Workshop,
  config: Buffer,
  descriptors: readonly Descriptor[],
  layers: readonly Blob[],
): Promise<void> {
  const { rootfs } = configSchema.parse(JSON.parse(config.toString()));
  for (const [index, diffId] of rootfs.diff_ids.entries()) {
    const layer = layers[index];
    if (layer && /gzip$/.test(descriptors[index]?.mediaType ?? "")) {
      await cache.remember(diffId, "gzip", layer);
    }
  }
}
