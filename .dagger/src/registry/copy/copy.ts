import type { RegistryClient } from "../client.ts";
import type { Manifest } from "../manifest.ts";
import { type BlobOutcome, copyBlob, SMALL_BYTES } from "./blob.ts";
import { contentsOf, type Descriptor } from "./contents.ts";
import { Limiter } from "./limiter.ts";
import { sameRegistry, type Way } from "./send.ts";

/** A repository, and the client of its registry. */
export interface Place {
  client: RegistryClient;
  /** Path within the registry: `acme/backend`. */
  repository: string;
}

/** An image to copy. */
export interface CopyRequest {
  from: Place;
  /** Its client has to be one that may write. */
  to: Place;
  /** Of the manifest or index; it keeps it. */
  digest: string;
  /** What it is called in its new place, once all of it is there; default: its digest alone. */
  tag?: string;
  /** Called as bytes go, and when a blob is there. */
  onProgress?: (progress: CopyProgress) => void;
}

/** How far a blob is. */
export interface CopyProgress {
  digest: string;
  /** Bytes that were sent; more than its size when it had to be sent again. */
  sent: number;
  size: number;
  /** Set once it is there. */
  outcome?: BlobOutcome;
}

/** What was done. */
export interface CopyResult {
  digest: string;
  /** Manifests that were written. */
  manifests: number;
  /** Blobs, by how they came to be there; all of them 0 when the manifest was there already. */
  blobs: Record<BlobOutcome, number>;
  /** Bytes that were sent. */
  bytes: number;
  /** Requests to both registries, without those that sign in. */
  requests: number;
}

/** Small blobs in flight at a time; one costs little but the wait for its answers. */
const SMALL_AT_ONCE = 16;
/** Large blobs in flight at a time: more of them share the same line. */
const LARGE_AT_ONCE = 4;

/**
 * Copies an image to another repository, of the same registry or another one. Manifests stay what
 * they are byte for byte, and those of an index are known by their digests alone. A tag is moved
 * last, when everything else is there: what fails before leaves it as it was.
 *
 * @throws RegistryError `MANIFEST_NOT_FOUND`, `BLOB_NOT_FOUND`, `DIGEST_MISMATCH`, …
 */
export async function copyImage(request: CopyRequest): Promise<CopyResult> {
  const copying = new Copying(request);
  return copying.run();
}

/** One copy on its way. */
class Copying {
  readonly #from: Place;
  readonly #to: Place;
  readonly #way: Way;
  readonly #stop = new AbortController();
  readonly #small = new Limiter(SMALL_AT_ONCE);
  readonly #large = new Limiter(LARGE_AT_ONCE);
  /** By digest: what is named twice goes once. */
  readonly #blobs = new Map<string, Promise<void>>();
  readonly #result: CopyResult;

  constructor(private readonly request: CopyRequest) {
    this.#result = {
      digest: request.digest,
      manifests: 0,
      blobs: { copied: 0, mounted: 0, present: 0 },
      bytes: 0,
      requests: 0,
    };
    this.#from = this.#watched(request.from);
    this.#to = this.#watched(request.to);
    this.#way = { from: wayEnd(this.#from), to: wayEnd(this.#to) };
  }

  async run(): Promise<CopyResult> {
    const { digest, tag } = this.request;
    try {
      if (this.#inPlace) await this.#retag(digest, tag);
      else await this.#root(digest, tag);
      return this.#result;
    } catch (error) {
      // Nothing goes on behind the back of whoever is told that it failed.
      this.#stop.abort(error);
      await Promise.allSettled(this.#blobs.values());
      throw error;
    }
  }

  /** Within a repository everything is there but the tag. */
  get #inPlace(): boolean {
    return sameRegistry(this.#way) && this.#from.repository === this.#to.repository;
  }

  async #retag(digest: string, tag: string | undefined): Promise<void> {
    const { client, repository } = this.#to;
    const [manifest, held] = await Promise.all([
      client.get(repository, digest),
      tag === undefined ? digest : client.head(repository, tag),
    ]);
    if (held !== digest) await this.#write(manifest, tag);
  }

  async #root(digest: string, tag: string | undefined): Promise<void> {
    const { client, repository } = this.#to;
    const [manifest, held] = await Promise.all([
      this.#from.client.get(this.#from.repository, digest),
      client.head(repository, digest),
    ]);
    if (held === undefined) {
      await this.#contents(manifest);
      await this.#write(manifest, tag);
      return;
    }
    await Promise.all(this.#contentsOf(manifest).children.map((child) => this.#missing(child)));
    if (tag !== undefined) await this.#write(manifest, tag);
  }

  /** A child of an index that is there: some registries take an index without its children. */
  async #missing({ digest }: Descriptor): Promise<void> {
    const held = await this.#to.client.head(this.#to.repository, digest);
    if (held === undefined) await this.#child(digest);
  }

  async #child(digest: string): Promise<void> {
    const manifest = await this.#from.client.get(this.#from.repository, digest);
    await this.#contents(manifest);
    await this.#write(manifest);
  }

  async #contents(manifest: Manifest): Promise<void> {
    const { children, blobs } = this.#contentsOf(manifest);
    await Promise.all([
      ...blobs.map((blob) => this.#blob(blob)),
      ...children.map(({ digest }) => this.#child(digest)),
    ]);
  }

  #contentsOf(manifest: Manifest): { children: Descriptor[]; blobs: Descriptor[] } {
    const { host } = this.#from.client;
    return contentsOf(manifest, `${host}/${this.#from.repository}@${manifest.digest}`);
  }

  #blob(blob: Descriptor): Promise<void> {
    const known = this.#blobs.get(blob.digest);
    if (known) return known;
    const limiter = blob.size <= SMALL_BYTES ? this.#small : this.#large;
    const copied = limiter.run(() => this.#copyBlob(blob));
    this.#blobs.set(blob.digest, copied);
    return copied;
  }

  async #copyBlob(blob: Descriptor): Promise<void> {
    this.#stop.signal.throwIfAborted();
    const { digest, size } = blob;
    let sent = 0;
    const outcome = await copyBlob(this.#way, blob, (bytes) => {
      sent += bytes;
      this.#result.bytes += bytes;
      this.request.onProgress?.({ digest, sent, size });
    });
    this.#result.blobs[outcome] += 1;
    this.request.onProgress?.({ digest, sent, size, outcome });
  }

  async #write(manifest: Manifest, tag: string = manifest.digest): Promise<void> {
    await this.#to.client.put(this.#to.repository, tag, manifest);
    this.#result.manifests += 1;
  }

  #watched({ client, repository }: Place): Place {
    const counted = client.observed(() => (this.#result.requests += 1));
    return { client: counted.until(this.#stop.signal), repository };
  }
}

function wayEnd({ client: { connection }, repository }: Place): Way["from"] {
  return { connection, repository };
}
