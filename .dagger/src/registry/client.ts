import { SluiceError } from "../error.ts";
import { readBlob, writeBlob } from "./blobs.ts";
import { Connection, type ConnectionOptions } from "./connection.ts";
import { digestOf, isDigest } from "./digest.ts";
import { RegistryError } from "./failure.ts";
import type { Reply } from "./http/send.ts";
import { type Manifest, manifestTypes, MAX_MANIFEST_BYTES } from "./manifest.ts";
import { askReferrers, fallbackTag, type Referrer, referrersIn } from "./referrers.ts";
import { listTags } from "./tags.ts";

const TAG = /^\w[\w.-]{0,127}$/;

/** Settings of a registry client. */
export type RegistryClientOptions = ConnectionOptions;

/** Reads and writes manifests, blobs and tags of one registry, byte for byte. */
export class RegistryClient {
  readonly host: string;

  /** @param connection what it asks over */
  constructor(
    options: RegistryClientOptions,
    readonly connection = new Connection(options),
  ) {
    this.host = options.host;
  }

  /** The same client, whose requests end with `signal`. */
  until(signal: AbortSignal): RegistryClient {
    return this.#over(this.connection.until(signal));
  }

  /** The same client, whose requests are told to `onRequest`. */
  observed(onRequest: () => void): RegistryClient {
    return this.#over(this.connection.observed(onRequest));
  }

  /**
   * The manifest of a tag or digest; its bytes are checked against the digest that was asked for,
   * or that the registry names.
   *
   * @throws RegistryError `MANIFEST_NOT_FOUND`, `DIGEST_MISMATCH`, …
   */
  async get(repository: string, reference: string): Promise<Manifest> {
    const what = this.#what("GET", repository, reference);
    return this.#retried(async () => {
      const reply = await this.#call({ method: "GET", repository, reference });
      if (reply.status !== 200) throw this.#refusal(what, reply);
      const mediaType = mediaTypeOf(what, reply);
      const digest = digestOf(reply.bytes);
      const named = reply.headers.get("docker-content-digest");
      const expected = isDigest(reference) ? reference : named;
      if (expected !== null && expected !== digest) {
        // A byte lost on the way is another matter than a registry that keeps the wrong ones: ask again.
        throw new RegistryError("DIGEST_MISMATCH", `${what}: expected ${expected}, got ${digest}`, {
          transient: true,
        });
      }
      return { mediaType, digest, bytes: reply.bytes };
    });
  }

  /** The digest that a tag holds; undefined when there is no such tag. */
  async head(repository: string, reference: string): Promise<string | undefined> {
    const what = this.#what("HEAD", repository, reference);
    const answer = await this.#retried(async () => {
      const reply = await this.#call({ method: "HEAD", repository, reference });
      if (reply.status === 404) return undefined;
      // Some registries refuse HEAD where they allow GET, or answer it without the digest.
      if ([400, 403, 405].includes(reply.status)) return "unclear";
      if (reply.status !== 200) throw this.#refusal(what, reply);
      const digest = reply.headers.get("docker-content-digest");
      return digest !== null && isDigest(digest) ? digest : "unclear";
    });
    if (answer !== "unclear") return answer;
    return this.find(repository, reference).then((manifest) => manifest?.digest);
  }

  /** Like `get`, with undefined for what isn't there. */
  async find(repository: string, reference: string): Promise<Manifest | undefined> {
    try {
      return await this.get(repository, reference);
    } catch (error) {
      if (error instanceof RegistryError && error.code === "MANIFEST_NOT_FOUND") return undefined;
      throw error;
    }
  }

  /**
   * Writes a manifest under a tag or its own digest. When it is unclear whether a try succeeded,
   * what the registry holds is read before it is tried again.
   */
  async put(repository: string, reference: string, manifest: Manifest): Promise<void> {
    const what = this.#what("PUT", repository, reference);
    let unclear = false;
    await this.#retried(async () => {
      if (unclear && (await this.head(repository, reference)) === manifest.digest) return;
      try {
        const reply = await this.#call({
          method: "PUT",
          repository,
          reference,
          headers: { "content-type": manifest.mediaType },
          body: manifest.bytes,
        });
        if (reply.status !== 200 && reply.status !== 201) throw this.#refusal(what, reply);
        const stored = reply.headers.get("docker-content-digest");
        if (stored !== null && stored !== manifest.digest) {
          const reason = `${what}: the registry stored ${stored} instead of ${manifest.digest}`;
          throw new RegistryError("DIGEST_MISMATCH", reason);
        }
      } catch (error) {
        unclear = true;
        throw error;
      }
    });
  }

  /** Removes a tag, but nothing that it points to. False where the registry can't. */
  async untag(repository: string, tag: string): Promise<boolean> {
    const reply = await this.#retried(() =>
      this.#call({ method: "DELETE", repository, reference: tag }),
    );
    return reply.status === 202 || reply.status === 200 || reply.status === 404;
  }

  /**
   * A small blob (up to 16 MiB), its bytes checked against its digest.
   *
   * @throws RegistryError `BLOB_NOT_FOUND`, `DIGEST_MISMATCH`, …
   */
  readBlob(repository: string, digest: string): Promise<Uint8Array<ArrayBuffer>> {
    return readBlob(this.connection, repository, digest);
  }

  /** Writes a small blob, unless it is there already; answers its digest. */
  writeBlob(repository: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
    return writeBlob(this.connection, repository, bytes);
  }

  /** All tags of a repository, in the registry's order; none when there is no such repository. */
  listTags(repository: string): Promise<string[]> {
    return listTags(this.connection, repository);
  }

  /**
   * What refers to a manifest (signatures, SBOMs, attestations): from the referrers API, or from
   * the tag `sha256-<hex>` where the registry has none.
   *
   * @param artifactType only of this kind
   */
  async referrers(repository: string, digest: string, artifactType?: string): Promise<Referrer[]> {
    const listed = await askReferrers(this.connection, repository, digest, artifactType);
    const all = listed ?? (await this.#fallback(repository, digest));
    // Not every registry filters.
    return artifactType === undefined
      ? all
      : all.filter((referrer) => referrer.artifactType === artifactType);
  }

  async #fallback(repository: string, digest: string): Promise<Referrer[]> {
    const list = await this.find(repository, fallbackTag(digest));
    return list ? referrersIn(list) : [];
  }

  #over(connection: Connection): RegistryClient {
    return new RegistryClient({ host: this.host }, connection);
  }

  #retried<T>(attempt: () => Promise<T>): Promise<T> {
    return this.connection.retried(attempt);
  }

  async #call({ method, repository, reference, headers, body }: ManifestCall): Promise<Reply> {
    // It becomes part of a URL.
    if (!isDigest(reference) && !TAG.test(reference)) {
      const got = JSON.stringify(reference.slice(0, 300));
      throw new SluiceError("NAME_INVALID", `expected a tag or digest, got ${got}`);
    }
    return this.connection.call({
      method,
      repository,
      path: `manifests/${reference}`,
      headers: { accept: manifestTypes.join(", "), ...headers },
      body,
      maxBytes: MAX_MANIFEST_BYTES,
      what: this.#what(method, repository, reference),
    });
  }

  #what(method: string, repository: string, reference: string): string {
    return `${method} ${this.host}/${repository}${isDigest(reference) ? "@" : ":"}${reference}`;
  }

  #refusal(what: string, reply: Reply): RegistryError {
    return this.connection.refusal(what, reply);
  }
}

interface ManifestCall {
  method: "GET" | "HEAD" | "PUT" | "DELETE";
  repository: string;
  reference: string;
  headers?: Readonly<Record<string, string>>;
  body?: Uint8Array<ArrayBuffer>;
}

/** The manifest's kind. A page in HTML with status 200, as captive portals serve it, is refused. */
function mediaTypeOf(what: string, { headers }: Reply): string {
  const type = headers.get("content-type")?.split(";", 1)[0]?.trim() ?? "none";
  if (manifestTypes.includes(type)) return type;
  throw new RegistryError(
    "REGISTRY_PROTOCOL",
    `${what}: expected a manifest, got content type ${type}`,
    {
      hint: "check the registry's address; a proxy or sign-in page may be in between",
    },
  );
}
