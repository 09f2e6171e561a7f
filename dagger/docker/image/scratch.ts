import { tarFromTree } from "../../content/tar.ts";
import type { Tree } from "../../content/tree.ts";
import { LABEL } from "../labels.ts";
import type { StoredImage } from "../types.ts";
import type { Workshop } from "../workshop.ts";
import { OUR_CREATED } from "./config.ts";
import { imageOfConfig } from "./digests.ts";
import { digestOf } from "./manifest.ts";
import { loadImage } from "./register.ts";

/** An image of one layer, made from nothing but a tree: the same bytes on every daemon. */
export async function scratchImage(
  workshop: Workshop,
  platform: string,
  tree: Tree,
): Promise<StoredImage> {
  const { images, store } = workshop;
  const layer = await store.putStream(tarFromTree(store, tree));
  const [os, architecture, variant] = platform.split("/");
  const config = Buffer.from(
    JSON.stringify({
      created: OUR_CREATED,
      architecture,
      os,
      ...(variant === undefined ? {} : { variant }),
      config: { Labels: { [LABEL.kind]: "cache-image" } },
      rootfs: { type: "layers", diff_ids: [`sha256:${layer.digest}`] },
    }),
  );
  const digest = digestOf(config);
  const known = await imageOfConfig(workshop, digest);
  return known ?? images.inspect(await loadImage(workshop, config, digest, [layer]));
}
