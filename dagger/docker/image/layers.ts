import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createHash, randomUUID } from "node:crypto";
import { z } from "zod";
import type { DiskCache } from "../../core/cache.ts";
import { SluiceError } from "../../core/error.ts";
import { keyOf } from "../../core/key.ts";
import type { ContentStore } from "../../content/store.ts";
import type { Blob } from "../../content/tree.ts";
import type { Daemon } from "../daemon/daemon.ts";
import { type Compression, compressor, decompressor } from "./compress.ts";
import type { InspectedImage } from "./images.ts";
import { type SavedLayer, saveImage } from "./saved.ts";

const blobSchema = z.object({ digest: z.string(), size: z.number() });

/** An image's layers as a registry takes them, and the config that Docker keeps for it. */
export interface PackedImage {
  /** Docker's own bytes. */
  config: Buffer;
  /** Lowest first, one for each diff id. */
  layers: Blob[];
}

/** What the layer cache works with. */
interface Parts {
  daemon: Daemon;
  store: ContentStore;
  stateDir: string;
  signal: AbortSignal;
}

/**
 * Compressed layers by the digest of what they hold. Kept from session to session, so a layer is
 * asked of Docker and compressed once.
 */
export class Layers {
  readonly #images = new Map<string, Promise<PackedImage>>();
  #saving: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly parts: Parts,
    private readonly cache: DiskCache,
  ) {}

  pack(image: InspectedImage, compression: Compression): Promise<PackedImage> {
    const key = `${image.id} ${compression}`;
    let packed = this.#images.get(key);
    if (!packed) {
      packed = this.#pack(image, compression);
      packed.catch(() => this.#images.delete(key));
      this.#images.set(key, packed);
    }
    return packed;
  }

  /** Remembers a compressed form that came from a registry. */
  remember(diffId: string, compression: Compression, layer: Blob): Promise<void> {
    return this.cache.set(layerKey(diffId, compression), layer);
  }

  async #pack(image: InspectedImage, compression: Compression): Promise<PackedImage> {
    const known = await this.#packed(image, compression);
    if (known) return known;
    // One image after the other: what one adds to the cache, the next need not compress again.
    const packing = this.#saving.then(
      async () => (await this.#packed(image, compression)) ?? this.#packSaved(image, compression),
    );
    this.#saving = packing.catch(() => undefined);
    return packing;
  }

  /** Everything about an image that earlier work left; undefined when a piece is missing. */
  async #packed(image: InspectedImage, compression: Compression): Promise<PackedImage | undefined> {
    const config = await this.#known(configKey(image.id));
    const layers: Blob[] = [];
    for (const diffId of image.diffIds) {
      const layer = await this.#known(layerKey(diffId, compression));
      if (!layer) return undefined;
      layers.push(layer);
    }
    return config && { config: await this.parts.store.bytes(config.digest), layers };
  }

  async #packSaved(image: InspectedImage, compression: Compression): Promise<PackedImage> {
    const { stateDir, store } = this.parts;
    const folder = join(stateDir, "tmp", `save-${randomUUID()}`);
    try {
      const saved = await saveImage(this.parts, image.id, folder);
      if (saved.layers.length !== image.diffIds.length) {
        throw new SluiceError(
          "DOCKER_ERROR",
          `Docker saved ${saved.layers.length} layers of ${image.id}, expected ${image.diffIds.length}`,
        );
      }
      const unique = new Map(image.diffIds.map((diffId, index) => [diffId, saved.layers[index]]));
      const packed = new Map<string, Blob>();
      await Promise.all(
        [...unique].map(async ([diffId, layer]) => {
          if (layer) packed.set(diffId, await this.#compress(diffId, layer, compression));
        }),
      );
      await this.cache.set(configKey(image.id), await store.putBytes(saved.config));
      return {
        config: saved.config,
        layers: image.diffIds.flatMap((diffId) => packed.get(diffId) ?? []),
      };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async #compress(diffId: string, layer: SavedLayer, compression: Compression): Promise<Blob> {
    const key = layerKey(diffId, compression);
    const known = await this.#known(key);
    if (known) return known;
    // Never as Docker has it compressed: the digest would depend on which Docker that was.
    const squeeze = compressor(compression);
    const plain = decompressor(layer.compression);
    const hash = createHash("sha256");
    plain.on("data", (chunk: Buffer) => hash.update(chunk));
    const [packed] = await Promise.all([
      this.parts.store.putStream(squeeze),
      pipeline(createReadStream(layer.path), plain, squeeze),
    ]);
    const found = `sha256:${hash.digest("hex")}`;
    if (found !== diffId) {
      throw new SluiceError("DIGEST_MISMATCH", `Docker saved layer ${diffId} as ${found}`, {
        hint: "Its store is damaged: remove the image there, and make or pull it again.",
      });
    }
    await this.cache.set(key, packed);
    return packed;
  }

  async #known(key: string): Promise<Blob | undefined> {
    const blob = await this.cache.get(key, blobSchema);
    return blob && (await this.parts.store.has(blob.digest)) ? blob : undefined;
  }
}

const layerKey = (diffId: string, compression: Compression): string =>
  keyOf("layer", diffId, compression);
const configKey = (image: string): string => keyOf("docker-config", image);
