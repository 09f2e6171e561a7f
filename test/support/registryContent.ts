import { createHash } from "node:crypto";
import { manifestTypes } from "../../.dagger/src/registry/manifest.ts";

/** Content pushed to a registry without any of the module's ways of writing, and read likewise. */
export interface Pushed {
  digest: string;
  mediaType: string;
  bytes: Buffer;
}

type Headers = Readonly<Record<string, string>>;

const OCI = "application/vnd.oci.image";
const INDEX = `${OCI}.index.v1+json`;
const MANIFEST = `${OCI}.manifest.v1+json`;

/** `sha256:…` */
export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** A descriptor, as JSON in manifests has it. */
export function descriptor(mediaType: string, bytes: Uint8Array): Record<string, unknown> {
  return { mediaType, digest: sha256(bytes), size: bytes.length };
}

export async function pushBlob(
  origin: string,
  repository: string,
  bytes: Uint8Array<ArrayBuffer>,
  headers: Headers = {},
): Promise<string> {
  const started = await fetch(`${origin}/v2/${repository}/blobs/uploads/`, {
    method: "POST",
    headers,
  });
  const url = new URL(started.headers.get("location") ?? "", origin);
  url.searchParams.set("digest", sha256(bytes));
  const put = await fetch(new URL(url.pathname + url.search, origin), {
    method: "PUT",
    headers: { ...headers, "content-type": "application/octet-stream" },
    body: bytes,
  });
  if (put.status !== 201) throw new Error(`PUT blob: HTTP ${put.status} ${await put.text()}`);
  return sha256(bytes);
}

/** Writes these very bytes, under their digest and under `tag`, if one is given. */
export async function pushManifest(
  origin: string,
  repository: string,
  mediaType: string,
  text: string,
  tag?: string,
  headers: Headers = {},
): Promise<Pushed> {
  const bytes = Buffer.from(text);
  const digest = sha256(bytes);
  for (const reference of tag === undefined ? [digest] : [digest, tag]) {
    const put = await fetch(`${origin}/v2/${repository}/manifests/${reference}`, {
      method: "PUT",
      headers: { ...headers, "content-type": mediaType },
      body: bytes,
    });
    if (put.status !== 201) throw new Error(`PUT manifest: HTTP ${put.status} ${await put.text()}`);
  }
  return { digest, mediaType, bytes };
}

/** What an image is made of. */
export interface ImageContent {
  layers: readonly Uint8Array<ArrayBuffer>[];
  /** Layers that are named, but not pushed. */
  foreign?: readonly Record<string, unknown>[];
  architecture?: string;
  subject?: Pushed;
  artifactType?: string;
}

/** Pushes an image. Its manifest is spaced oddly: whoever parses and writes it again changes its digest. */
export async function pushImage(
  origin: string,
  repository: string,
  { layers, foreign = [], architecture = "amd64", subject, artifactType }: ImageContent,
  tag?: string,
  headers: Headers = {},
): Promise<Pushed> {
  const config = Buffer.from(
    JSON.stringify({ architecture, os: "linux", rootfs: { type: "layers", diff_ids: [] } }),
  );
  for (const blob of [config, ...layers]) {
    await pushBlob(origin, repository, new Uint8Array(blob), headers);
  }
  const content = {
    schemaVersion: 2,
    mediaType: MANIFEST,
    artifactType,
    config: descriptor(`${OCI}.config.v1+json`, config),
    layers: [...layers.map((layer) => descriptor(`${OCI}.layer.v1.tar`, layer)), ...foreign],
    subject: subject && descriptor(subject.mediaType, subject.bytes),
  };
  return pushManifest(origin, repository, MANIFEST, odd(content), tag, headers);
}

/** Pushes an index of images that are in the repository. */
export async function pushIndex(
  origin: string,
  repository: string,
  children: readonly Pushed[],
  tag?: string,
): Promise<Pushed> {
  const manifests = children.map(({ mediaType, bytes }) => descriptor(mediaType, bytes));
  const content = { schemaVersion: 2, mediaType: INDEX, manifests };
  return pushManifest(origin, repository, INDEX, odd(content), tag);
}

function odd(content: unknown): string {
  return JSON.stringify(content).replaceAll('":', '" :\t');
}

/** Five small layers, that differ by name. */
export function fiveLayers(name: string): Uint8Array<ArrayBuffer>[] {
  return [1, 2, 3, 4, 5].map((n) => new Uint8Array(Buffer.from(`layer ${n} of ${name}`)));
}

/** Pushes a small image of one layer to `repository`, under `tag` too if one is given. */
export function seedImage(
  origin: string,
  repository: string,
  content: string,
  tag?: string,
  headers: Headers = {},
): Promise<Pushed> {
  const layers = [new Uint8Array(Buffer.from(content))];
  return pushImage(origin, repository, { layers }, tag, headers);
}

/** The bytes that a registry holds, or undefined: `manifests/v1`, `blobs/sha256:…`, `tags/list`. */
export async function held(
  origin: string,
  repository: string,
  path: string,
): Promise<Buffer | undefined> {
  const answer = await fetch(`${origin}/v2/${repository}/${path}`, {
    headers: { accept: manifestTypes.join(", ") },
  });
  const bytes = Buffer.from(await answer.arrayBuffer());
  return answer.ok ? bytes : undefined;
}

/** All tags of a repository, sorted. */
export async function tagsOf(origin: string, repository: string): Promise<string[]> {
  const list = await held(origin, repository, "tags/list");
  const { tags } = JSON.parse(list?.toString() ?? "{}") as { tags?: string[] | null };
  return (tags ?? []).toSorted();
}
