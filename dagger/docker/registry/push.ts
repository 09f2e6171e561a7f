import type { ContentStore } from "../../content/store.ts";
import { SluiceError } from "../../core/error.ts";
import { type AssembledImage, blobsOf, rootManifest } from "../image/assemble.ts";
import { type EncodedManifest, MANIFEST_TYPES, hexOf } from "../image/manifest.ts";
import type { RegistryClient } from "./client.ts";
import { inParallel } from "./parallel.ts";

interface PushedBlob {
  digest: string;
  size: number;
  bytes?: Buffer;
}

const PARALLEL_UPLOADS = 4;
/** A registry may take its time to check a large blob after the last byte; ms. */
const UPLOAD_IDLE_MS = 60_000;

/** Where blobs were seen, so that the next repository of the same registry can mount them. */
const seenIn = new Map<string, string>();

/**
 * Pushes an image: blobs, then children of an index by digest, and the tag last. When the tag
 * holds that very digest already, that is one request.
 */
export async function pushImage(
  client: RegistryClient,
  store: ContentStore,
  image: AssembledImage,
  tag: string,
): Promise<string> {
  const root = rootManifest(image);
  if ((await taggedDigest(client, tag)) === root.digest) return root.digest;
  const blobs = new Map(
    image.variants.flatMap(blobsOf).map((blob): [string, PushedBlob] => [blob.digest, blob]),
  );
  await inParallel(PARALLEL_UPLOADS, [...blobs.values()], (blob) => pushBlob(client, store, blob));
  if (image.index) {
    await inParallel(PARALLEL_UPLOADS, image.variants, ({ manifest }) =>
      putManifest(client, manifest, manifest.digest),
    );
  }
  await putManifest(client, root, tag);
  return root.digest;
}

async function taggedDigest(client: RegistryClient, tag: string): Promise<string | undefined> {
  const response = await client.send({
    method: "HEAD",
    path: `manifests/${tag}`,
    headers: { accept: MANIFEST_TYPES.join(", ") },
    expect: [200, 404],
  });
  const digest = response.headers["docker-content-digest"];
  return response.statusCode === 200 && typeof digest === "string" ? digest : undefined;
}

async function pushBlob(client: RegistryClient, store: ContentStore, blob: PushedBlob) {
  const key = `${client.registry.base.origin} ${blob.digest}`;
  const head = await client.send({
    method: "HEAD",
    path: `blobs/${blob.digest}`,
    expect: [200, 404],
  });
  if (head.statusCode === 404) await upload(client, store, blob, seenIn.get(key));
  seenIn.set(key, client.path);
}

async function upload(
  client: RegistryClient,
  store: ContentStore,
  { digest, size, bytes }: PushedBlob,
  mountFrom: string | undefined,
): Promise<void> {
  const mount =
    mountFrom === undefined || mountFrom === client.path
      ? ""
      : `?${new URLSearchParams({ mount: digest, from: mountFrom }).toString()}`;
  const start = `blobs/uploads/${mount}`;
  const begun = await client.send({ method: "POST", path: start, expect: [201, 202] });
  begun.resume();
  if (begun.statusCode === 201) return;
  const location = client.locate(begun, start);
  location.searchParams.set("digest", digest);
  const done = await client.send({
    method: "PUT",
    path: location,
    headers: { "content-type": "application/octet-stream" },
    body: bytes ?? { stream: () => store.stream(hexOf(digest)), length: size },
    expect: [201, 204],
    idleMs: UPLOAD_IDLE_MS,
  });
  done.resume();
}

async function putManifest(client: RegistryClient, manifest: EncodedManifest, name: string) {
  const response = await client.send({
    method: "PUT",
    path: `manifests/${name}`,
    headers: { "content-type": manifest.mediaType },
    body: manifest.bytes,
    expect: [200, 201, 202],
  });
  response.resume();
  const digest = response.headers["docker-content-digest"];
  if (typeof digest === "string" && digest !== manifest.digest) {
    throw new SluiceError(
      "DIGEST_MISMATCH",
      `${client.subject}: expected ${manifest.digest}, the registry keeps ${digest}`,
    );
  }
}
