import { z } from "zod";
import { digestSchema } from "../digest.ts";
import { RegistryError } from "../failure.ts";
import { jsonOf } from "../json.ts";
import type { Manifest } from "../manifest.ts";

const descriptor = z.object({
  mediaType: z.string().default(""),
  digest: digestSchema,
  size: z.number().int().nonnegative(),
  urls: z.array(z.string()).optional(),
});

/** A manifest or blob that another manifest names. */
export type Descriptor = z.output<typeof descriptor>;

const content = z.object({
  manifests: z.array(descriptor).default([]),
  config: descriptor.optional(),
  layers: z.array(descriptor).default([]),
});

/** Layers that are got from elsewhere, and may not be passed on. */
const FOREIGN = /nondistributable|\.foreign\./;

/**
 * What a manifest needs besides itself: the manifests of an index, the config and layers of an
 * image. Each is named once, foreign layers not at all.
 *
 * @param where for the message
 * @throws RegistryError `REGISTRY_PROTOCOL`
 */
export function contentsOf(
  { bytes }: Manifest,
  where: string,
): { children: Descriptor[]; blobs: Descriptor[] } {
  const parsed = content.safeParse(jsonOf(bytes));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const at = issue ? ` (${issue.path.join(".")}: ${issue.message})` : "";
    throw new RegistryError("REGISTRY_PROTOCOL", `${where} is no manifest that can be copied${at}`);
  }
  const { manifests, config, layers } = parsed.data;
  const own = layers.filter(({ mediaType, urls }) => !(FOREIGN.test(mediaType) && urls?.length));
  return { children: once(manifests), blobs: once(config ? [config, ...own] : own) };
}

function once(all: readonly Descriptor[]): Descriptor[] {
  return [...new Map(all.map((one) => [one.digest, one])).values()];
}
