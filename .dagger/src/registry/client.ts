import { Authenticator } from "./auth/authenticator.ts";
import { type Credentials, secretForms } from "./auth/credentials.ts";
import { digestOf, isDigest } from "./digest.ts";
import { RegistryError } from "./failure.ts";
import { refusal } from "./http/refusal.ts";
import { type RetryPolicy, withRetries } from "./http/retry.ts";
import { type Reply, type Send, sender } from "./http/send.ts";
import { type Manifest, manifestTypes, MAX_MANIFEST_BYTES } from "./manifest.ts";
import { apiOrigin } from "./name.ts";

/** Settings of a registry client. */
export interface RegistryClientOptions {
  /** Host as people write it: `ghcr.io`, `localhost:5000`. */
  host: string;
  /** Where its API is; default: what the host stands for. */
  origin?: string;
  credentials?: Credentials;
  /** What to ask permission for; default `read`. */
  access?: "read" | "write";
  retry?: RetryPolicy;
  /** Default: `fetch` with 10 seconds for each attempt. */
  send?: Send;
  /** Cancels everything. */
  signal?: AbortSignal;
}

interface Call {
  method: "GET" | "HEAD" | "PUT" | "DELETE";
  repository: string;
  reference: string;
  headers?: Readonly<Record<string, string>>;
  body?: Uint8Array<ArrayBuffer>;
}

/** Reads and writes manifests of one registry, byte for byte. */
export class RegistryClient {
  readonly host: string;
  readonly #origin: URL;
  readonly #auth: Authenticator;
  readonly #send: Send;
  readonly #actions: string;
  readonly #secrets: readonly string[];

  constructor(private readonly options: RegistryClientOptions) {
    this.host = options.host;
    this.#origin = new URL(options.origin ?? apiOrigin(options.host));
    this.#send = options.send ?? sender();
    this.#actions = options.access === "write" ? "pull,push" : "pull";
    this.#secrets = options.credentials ? secretForms(options.credentials) : [];
    this.#auth = new Authenticator(this.#origin, options.credentials, this.#send, (text) =>
      this.#scrub(text),
    );
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

  #retried<T>(attempt: () => Promise<T>): Promise<T> {
    return withRetries(attempt, this.options.retry, this.options.signal);
  }

  async #call(call: Call): Promise<Reply> {
    const { method, repository, reference, body } = call;
    const scope = `repository:${repository}:${this.#actions}`;
    const used = await this.#auth.authorization(scope);
    const request = (authorization: string | undefined): Promise<Reply> =>
      this.#send(
        {
          method,
          url: new URL(`/v2/${repository}/manifests/${reference}`, this.#origin),
          headers: {
            accept: manifestTypes.join(", "),
            ...call.headers,
            ...(authorization === undefined ? {} : { authorization }),
          },
          body,
          maxBytes: MAX_MANIFEST_BYTES,
        },
        this.options.signal,
      );
    const reply = await request(used);
    if (reply.status !== 401) return reply;
    const what = this.#what(method, repository, reference);
    const again = await request(await this.#auth.renewed(what, reply, scope, used));
    if (again.status === 401) throw this.#refusal(what, again);
    return again;
  }

  #what(method: string, repository: string, reference: string): string {
    return `${method} ${this.host}/${repository}${isDigest(reference) ? "@" : ":"}${reference}`;
  }

  #refusal(what: string, reply: Reply): RegistryError {
    return refusal(what, reply, (text) => this.#scrub(text));
  }

  #scrub(text: string): string {
    return [...this.#secrets, ...this.#auth.secrets].reduce(
      (clean, secret) => clean.replaceAll(secret, "***"),
      text,
    );
  }
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
