import { z } from "zod";
import type { Connection } from "./connection.ts";
import { digestOf, digestSchema, shortDigest } from "./digest.ts";
import { RegistryError } from "./failure.ts";
import { jsonOf } from "./json.ts";
import type { Manifest } from "./manifest.ts";
import { pagesOf } from "./pages.ts";

const INDEX = "application/vnd.oci.image.index.v1+json";
/** Answers of registries that don't know this part of the API. */
const UNKNOWN = [400, 404, 405, 406, 501];

const referrer = z.object({
  mediaType: z.string(),
  digest: digestSchema,
  size: z.number().int().nonnegative(),
  artifactType: z.string().optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});

/** A manifest that is about another one: a signature, an SBOM, an attestation. */
export type Referrer = z.output<typeof referrer>;

const referrerIndex = z.object({ manifests: z.array(referrer).nullish() });

/** What the referrers API says about a manifest; undefined where the registry has no such API. */
export async function askReferrers(
  connection: Connection,
  repository: string,
  digest: string,
  artifactType?: string,
): Promise<Referrer[] | undefined> {
  const what = `GET referrers of ${connection.host}/${repository}@${shortDigest(digest)}`;
  const filter =
    artifactType === undefined ? "" : `?artifactType=${encodeURIComponent(artifactType)}`;
  let found: Referrer[] | undefined;
  const pages = pagesOf(connection, {
    repository,
    path: `referrers/${digest}${filter}`,
    headers: { accept: INDEX },
    absent: UNKNOWN,
    what,
  });
  for await (const { bytes } of pages) found = [...(found ?? []), ...parse(bytes, what)];
  return found;
}

/** Where registries without the API keep the list: `sha256-<hex>`. */
export function fallbackTag(digest: string): string {
  return digest.replace(":", "-");
}

/** What is listed in a fallback tag. */
export function referrersIn({ bytes, digest }: Manifest): Referrer[] {
  return parse(bytes, `the list of referrers ${shortDigest(digest)}`);
}

/** The content of a fallback tag. */
export function referrerList(manifests: readonly Referrer[]): Manifest {
  const text = JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests });
  const bytes = new Uint8Array(Buffer.from(text));
  return { mediaType: INDEX, digest: digestOf(bytes), bytes };
}

function parse(bytes: Uint8Array, what: string): Referrer[] {
  const parsed = referrerIndex.safeParse(jsonOf(bytes));
  if (parsed.success) return parsed.data.manifests ?? [];
  throw new RegistryError("REGISTRY_PROTOCOL", `${what}: it is no index of referrers`);
}
