import type { Manifest } from "../manifest.ts";
import { copyBlob, SMALL_BYTES } from "./blob.ts";
import { contentsOf, type Descriptor } from "./contents.ts";
import { Limiter } from "../limiter.ts";
import type { CopyRequest, CopyResult } from "./model.ts";
import { nameIn, type Place } from "./place.ts";

/** Small blobs in flight at a time; one costs little but the wait for its answers. */
const SMALL_AT_ONCE = 16;
/** Large blobs in flight at a time: more of them share the same line. */
const LARGE_AT_ONCE = 4;

/** Brings manifests and what they need from one place to another, and keeps count. */
export class Transfer {
  readonly from: Place;
  readonly to: Place;
  readonly result: CopyResult;
  readonly #stop = new AbortController();
  readonly #small = new Limiter(SMALL_AT_ONCE);
  readonly #large = new Limiter(LARGE_AT_ONCE);
  /** By digest: what is named twice goes once. */
  readonly #blobs = new Map<string, Promise<void>>();
  readonly #onProgress: CopyRequest["onProgress"];

  constructor({ from, to, digest, onProgress }: CopyRequest) {
    const blobs = { copied: 0, mounted: 0, present: 0 };
    this.result = { digest, manifests: 0, blobs, bytes: 0, referrers: [], requests: 0 };
    this.from = this.#counted(from);
    this.to = this.#counted(to);
    this.#onProgress = onProgress;
  }

  /** Ends everything that is on its way: nothing goes on behind the back of who is told of the error. */
  async abort(reason: unknown): Promise<void> {
    this.#stop.abort(reason);
    await Promise.allSettled(this.#blobs.values());
  }

  /** Brings a manifest, known by its digest, unless it is there. */
  async ensure(digest: string): Promise<void> {
    const held = await this.to.client.head(this.to.repository, digest);
    if (held !== digest) await this.#bring(digest);
  }

  /** Brings what a manifest needs. */
  async contents(manifest: Manifest): Promise<void> {
    const { children, blobs } = contentsOf(manifest, nameIn(this.from, manifest.digest));
    await Promise.all([
      ...blobs.map((blob) => this.#blob(blob)),
      ...children.map(({ digest }) => this.#bring(digest)),
    ]);
  }

  /** Writes a manifest whose contents are there. */
  async write(manifest: Manifest, tag: string = manifest.digest): Promise<void> {
    await this.to.client.put(this.to.repository, tag, manifest);
    this.result.manifests += 1;
  }

  async #bring(digest: string): Promise<void> {
    const manifest = await this.from.client.get(this.from.repository, digest);
    await this.contents(manifest);
    await this.write(manifest);
  }

  #blob(blob: Descriptor): Promise<void> {
    const known = this.#blobs.get(blob.digest);
    if (known) return known;
    const limiter = blob.size <= SMALL_BYTES ? this.#small : this.#large;
    const copied = limiter.run(() => this.#copy(blob));
    this.#blobs.set(blob.digest, copied);
    return copied;
  }

  async #copy(blob: Descriptor): Promise<void> {
    this.#stop.signal.throwIfAborted();
    const { digest, size } = blob;
    let sent = 0;
    const outcome = await copyBlob({ from: this.from, to: this.to }, blob, (bytes) => {
      sent += bytes;
      this.result.bytes += bytes;
      this.#onProgress?.({ digest, sent, size });
    });
    this.result.blobs[outcome] += 1;
    this.#onProgress?.({ digest, sent, size, outcome });
  }

  #counted({ client, repository }: Place): Place {
    const observed = client.observed(() => (this.result.requests += 1));
    return { client: observed.until(this.#stop.signal), repository };
  }
}
