import { Authenticator } from "./auth/authenticator.ts";
import { type Credentials, secretForms } from "./auth/credentials.ts";
import type { RegistryError } from "./failure.ts";
import { refusal } from "./http/refusal.ts";
import { type RetryPolicy, withRetries } from "./http/retry.ts";
import { type Reply, type Request, type Send, sender } from "./http/send.ts";
import { apiOrigin } from "./name.ts";

/** Settings of a connection to a registry. */
export interface ConnectionOptions {
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

/** One request below a repository. */
export interface Call extends Pick<Request, "method" | "body" | "maxBytes"> {
  repository: string;
  /** Path below `/v2/<repository>/`, or a whole URL that the registry named. */
  path: string | URL;
  headers?: Readonly<Record<string, string>>;
  /** For messages: `GET ghcr.io/acme/backend:prod`. */
  what: string;
}

/** Requests to one registry: signed in, tried again where that is safe, without secrets in messages. */
export class Connection {
  readonly host: string;
  readonly origin: URL;
  readonly #auth: Authenticator;
  readonly #send: Send;
  readonly #actions: string;
  readonly #secrets: readonly string[];

  constructor(
    private readonly options: ConnectionOptions,
    auth?: Authenticator,
  ) {
    this.host = options.host;
    this.origin = new URL(options.origin ?? apiOrigin(options.host));
    this.#send = options.send ?? sender();
    this.#actions = options.access === "write" ? "pull,push" : "pull";
    this.#secrets = options.credentials ? secretForms(options.credentials) : [];
    this.#auth =
      auth ??
      new Authenticator(this.origin, options.credentials, this.#send, (text) => this.#scrub(text));
  }

  /** The same connection, whose requests end with `signal`. */
  until(signal: AbortSignal): Connection {
    return new Connection({ ...this.options, signal }, this.#auth);
  }

  /** Sends once, signing in if the registry asks for it. */
  async call(call: Call): Promise<Reply> {
    const { method, repository, path, body, maxBytes, what } = call;
    const url = new URL(path, new URL(`/v2/${repository}/`, this.origin));
    const scope = `repository:${repository}:${this.#actions}`;
    // An upload may be taken in by another host, which these credentials are not for.
    const ours = url.origin === this.origin.origin;
    const used = ours ? await this.#auth.authorization(scope) : undefined;
    const request = (authorization: string | undefined): Promise<Reply> =>
      this.#send(
        {
          method,
          url,
          headers: { ...call.headers, ...(authorization === undefined ? {} : { authorization }) },
          body,
          maxBytes,
        },
        this.options.signal,
      );
    const reply = await request(used);
    if (reply.status !== 401 || !ours) return reply;
    const again = await request(await this.#auth.renewed(what, reply, scope, used));
    if (again.status === 401) throw this.refusal(what, again);
    return again;
  }

  /** Tries again what failed for a reason that may pass; `attempt` has to be safe to repeat. */
  retried<T>(attempt: () => Promise<T>): Promise<T> {
    return withRetries(attempt, this.options.retry, this.options.signal);
  }

  /** What an answer that is no success means. */
  refusal(what: string, reply: Reply): RegistryError {
    return refusal(what, reply, (text) => this.#scrub(text));
  }

  #scrub(text: string): string {
    return [...this.#secrets, ...this.#auth.secrets].reduce(
      (clean, secret) => clean.replaceAll(secret, "***"),
      text,
    );
  }
}
