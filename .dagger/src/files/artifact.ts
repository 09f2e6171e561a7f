import { z } from "zod";
import { SluiceError } from "../error.ts";
import { isFileName, SUMS_NAME } from "../pipeline/schema/output-file.ts";
import { digestOf, digestSchema } from "../registry/digest.ts";
import { emptyConfig } from "../registry/empty.ts";
import { jsonOf } from "../registry/json.ts";
import type { Manifest } from "../registry/manifest.ts";
import { MAX_SUMS_BYTES } from "./limits.ts";
import { sumsOf } from "./sums.ts";

/** What tells released files from an image. */
const FILES_TYPE = "application/vnd.sluice.files.v1";

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const TITLE = "org.opencontainers.image.title";

/** A released file. */
export interface ReleasedFile {
  name: string;
  /** Of its bytes: `sha256:` and 64 hex digits. */
  digest: string;
  /** Bytes. */
  size: number;
}

/** Released files, as an artifact names them. */
export interface ReleasedFiles {
  /** At least one, each of another name. */
  files: readonly ReleasedFile[];
  /** The list of their checksums, `SHA256SUMS`. */
  sums: ReleasedFile;
}

/**
 * The artifact of these files: the same files and annotations give the same bytes. Its layers are the
 * files as they are, named as ORAS names files, and the list of their checksums.
 */
export function filesArtifact(
  files: readonly ReleasedFile[],
  annotations: Readonly<Record<string, string>>,
): { manifest: Manifest; sums: Uint8Array<ArrayBuffer> } {
  const sums = new Uint8Array(Buffer.from(sumsOf(files)));
  const list = { name: SUMS_NAME, digest: digestOf(sums), size: sums.length };
  const text = JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST,
    artifactType: FILES_TYPE,
    config: emptyConfig,
    layers: [
      ...files.map((file) => layerOf(file, "application/octet-stream")),
      layerOf(list, "text/plain"),
    ],
    annotations,
  });
  const bytes = new Uint8Array(Buffer.from(text));
  return { manifest: { mediaType: MANIFEST, digest: digestOf(bytes), bytes }, sums };
}

function layerOf({ name, digest, size }: ReleasedFile, mediaType: string) {
  return { mediaType, digest, size, annotations: { [TITLE]: name } };
}

const layer = z.object({
  digest: digestSchema,
  size: z.number().int().nonnegative(),
  annotations: z.object({
    // It becomes a path on whatever machine the file is brought to.
    [TITLE]: z.string().refine((name) => isFileName(name) || name === SUMS_NAME),
  }),
});

const artifact = z.object({ artifactType: z.literal(FILES_TYPE), layers: z.array(layer) });

/**
 * The files that an artifact names.
 *
 * @param where for the message: `ghcr.io/acme/firmware@sha256:…`
 * @throws SluiceError `FILES_INVALID` when it is anything else
 */
export function readArtifact({ bytes }: Pick<Manifest, "bytes">, where: string): ReleasedFiles {
  const parsed = artifact.safeParse(jsonOf(bytes));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(where, issue ? `${issue.path.join(".")}: ${issue.message}` : "it is not JSON");
  }
  const all = parsed.data.layers.map(({ digest, size, annotations }) => ({
    ...{ name: annotations[TITLE], digest, size },
  }));
  const names = all.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw invalid(where, `${twice} is in it twice`);
  const sums = all.find(({ name }) => name === SUMS_NAME);
  const files = all.filter((one) => one !== sums);
  if (!sums) throw invalid(where, `${SUMS_NAME} is not in it`);
  if (sums.size > MAX_SUMS_BYTES) throw invalid(where, `${SUMS_NAME} has ${sums.size} bytes`);
  if (files.length === 0) throw invalid(where, "no file is in it");
  return { files, sums };
}

const revised = z.object({
  annotations: z.object({ "org.opencontainers.image.revision": z.string() }),
});

/** The commit that an artifact says it is of; empty when it says none. */
export function revisionOf({ bytes }: Pick<Manifest, "bytes">): string {
  const { data } = revised.safeParse(jsonOf(bytes));
  return data?.annotations["org.opencontainers.image.revision"] ?? "";
}

function invalid(where: string, why: string): SluiceError {
  return new SluiceError("FILES_INVALID", `${where}: expected files that Sluice released: ${why}`, {
    hint: "publish a new commit with the pipeline file that has files for this service",
  });
}
