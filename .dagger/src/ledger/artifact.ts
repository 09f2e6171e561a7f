import { z } from "zod";
import { digestOf, digestSchema } from "../registry/digest.ts";
import { emptyConfig } from "../registry/empty.ts";
import { jsonOf } from "../registry/json.ts";
import type { Manifest } from "../registry/manifest.ts";
import { canonicalJson } from "./canonical.ts";

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const ARTIFACT = "application/vnd.sluice.record.v1+json";
/** Up to this size a record also lies in its manifest, so that one request reads both; bytes. */
const MAX_INLINE_BYTES = 64 * 1024;

const layer = z.looseObject({
  mediaType: z.string(),
  digest: digestSchema,
  size: z.number().int().nonnegative(),
  data: z.string().optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});

const manifest = z.object({
  artifactType: z.literal(ARTIFACT),
  layers: z.tuple([layer], layer),
  annotations: z.object({
    "dev.sluice.stream": z.string(),
    "dev.sluice.sequence": z.string().regex(/^[1-9]\d{0,14}$/),
    "dev.sluice.previous": digestSchema.optional(),
    "dev.sluice.pipeline": z.string(),
    "dev.sluice.kind": z.string(),
    "org.opencontainers.image.created": z.string(),
  }),
});

/** A blob of a record: the record itself, or a file. */
export type Layer = z.infer<typeof layer>;

/** What a record consists of, wherever in a stream it will lie. */
export interface Content {
  pipeline: string;
  kind: string;
  at: string;
  /** The record, then its files. */
  layers: readonly [Layer, ...Layer[]];
}

/** A record at its place, as far as its manifest tells. */
export interface Link extends Content {
  stream: string;
  sequence: number;
  digest: string;
  previous: string | null;
  manifest: Manifest;
}

/** The descriptor of a record. */
export function recordLayer(kind: string, bytes: Uint8Array): Layer {
  return {
    mediaType: `application/vnd.sluice.${kind}.v1+json`,
    digest: digestOf(bytes),
    size: bytes.length,
    ...(bytes.length <= MAX_INLINE_BYTES ? { data: Buffer.from(bytes).toString("base64") } : {}),
  };
}

/** The descriptor of an attached file, named as ORAS names files. */
export function fileLayer(name: string, bytes: Uint8Array): Layer {
  return {
    mediaType: "application/octet-stream",
    digest: digestOf(bytes),
    size: bytes.length,
    annotations: { "org.opencontainers.image.title": name },
  };
}

/** Lays a record at a place. The same content at the same place is the same bytes. */
export function linkOf(
  { pipeline, kind, at, layers }: Content,
  stream: string,
  previous: Link | undefined,
): Link {
  const sequence = (previous?.sequence ?? 0) + 1;
  const text = canonicalJson({
    schemaVersion: 2,
    mediaType: MANIFEST,
    artifactType: ARTIFACT,
    config: emptyConfig,
    layers,
    annotations: {
      "dev.sluice.stream": stream,
      "dev.sluice.sequence": `${sequence}`,
      ...(previous ? { "dev.sluice.previous": previous.digest } : {}),
      "dev.sluice.pipeline": pipeline,
      "dev.sluice.kind": kind,
      "org.opencontainers.image.created": at,
    },
  });
  const bytes = new Uint8Array(Buffer.from(text));
  const digest = digestOf(bytes);
  return {
    pipeline,
    kind,
    at,
    layers,
    stream,
    sequence,
    digest,
    previous: previous?.digest ?? null,
    manifest: { mediaType: MANIFEST, digest, bytes },
  };
}

/** What a manifest says of the record in it; undefined when there is none in it. */
export function readLink(found: Manifest): Link | undefined {
  const parsed = manifest.safeParse(jsonOf(found.bytes));
  if (!parsed.success) return undefined;
  const { annotations, layers } = parsed.data;
  return {
    pipeline: annotations["dev.sluice.pipeline"],
    kind: annotations["dev.sluice.kind"],
    at: annotations["org.opencontainers.image.created"],
    layers,
    stream: annotations["dev.sluice.stream"],
    sequence: Number(annotations["dev.sluice.sequence"]),
    digest: found.digest,
    previous: annotations["dev.sluice.previous"] ?? null,
    manifest: found,
  };
}

/** Whether two records at different places are one and the same. */
export function sameContent(one: Content, other: Content): boolean {
  const key = ({ pipeline, kind, at, layers }: Content): string =>
    canonicalJson([pipeline, kind, at, layers.map(({ digest }) => digest)]);
  return key(one) === key(other);
}
