import { Authenticator } from "./auth/authenticator.ts";
import { type Credentials, secretForms } from "./auth/credentials.ts";
import { RegistryError } from "./failure.ts";
import { type Open, type Opened, opener } from "./http/open.ts";
import { refusal } from "./http/refusal.ts";
import { type RetryPolicy, withRetries } from "./http/retry.ts";
import { type Reply, type Request, type Send, sender, TIMEOUT_MS } from "./http/send.ts";
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
  /** How long the registry may take for an answer, or the next piece of a long one; default 10 seconds. */
  timeoutMs?: number;
  /** Called for each request, but not for those that sign in. */
  onRequest?: () => void;
  /** Cancels everything. */
  signal?: AbortSignal;
}

/** One request below a repository. */
export interface Call extends Pick<Request, "method" | "body" | "maxBytes" | "limit"> {
  repository: string;
  /** Another repository that the request reads, for a mount. */
  reads?: string;
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
  readonly timeoutMs: number;
  readonly #send: Send;
  readonly #open: Open;
  readonly #actions: string;
  readonly #secrets: readonly string[];

  constructor(
    private readonly options: ConnectionOptions,
    auth?: Authenticator,
  ) {
    this.host = options.host;
    this.origin = new URL(options.origin ?? apiOrigin(options.host));
    this.timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    this.#send = sender(this.timeoutMs);
    this.#open = opener(this.timeoutMs);
    this.#actions = options.access === "write" ? "pull,push" : "pull";
    this.#secrets = options.credentials ? secretForms(options.credentials) : [];
    this.#auth =
      auth ??
      new Authenticator(this.origin, options.credentials, this.#send, (text) => this.#scrub(text));
  }

  /** The same connection, whose requests end with `signal`. */
  until(signal: AbortSignal): Connection {
    const outer = this.options.signal;
    const all = outer ? AbortSignal.any([outer, signal]) : signal;
    return new Connection({ ...this.options, signal: all }, this.#auth);
  }

  /** The same connection, whose requests are told to `onRequest`. */
  observed(onRequest: () => void): Connection {
    return new Connection({ ...this.options, onRequest }, this.#auth);
  }

  /** Sends once, signing in if the registry asks for it. */
  call(call: Call): Promise<Reply> {
    return this.#signedIn(call, this.#send);
  }

  /** Like `call`, for an answer that is read piece by piece. */
  open(call: Call): Promise<Opened | Reply> {
    return this.#signedIn(call, this.#open);
  }

  async #signedIn<R extends Opened | Reply>(
    call: Call,
    exchange: (request: Request, signal?: AbortSignal) => Promise<R>,
  ): Promise<R | Reply> {
    const { method, repository, path, body, maxBytes, limit, what } = call;
    const url = new URL(path, new URL(`/v2/${repository}/`, this.origin));
    const scope = this.#scope(call);
    // An upload may be taken in by another host, which these credentials are not for.
    const ours = url.origin === this.origin.origin;
    const used = ours ? await this.#auth.authorization(scope) : undefined;
    const request = (authorization: string | undefined): Promise<R> => {
      const headers = {
        ...call.headers,
        ...(authorization === undefined ? {} : { authorization }),
      };
      this.options.onRequest?.();
      return exchange({ method, url, headers, body, maxBytes, limit }, this.options.signal);
    };
    const reply = await request(used);
    if (!ours || !isUnauthorized(reply)) return reply;
    const renewed = await this.#auth.renewed(what, reply, scope, used);
    if (body instanceof ReadableStream) {
      // What was streamed can't be sent again from here, but the whole attempt can be made again.
      throw new RegistryError("REGISTRY_UNAUTHORIZED", `${what}: HTTP 401, the sign-in expired`, {
        status: 401,
        transient: true,
      });
    }
    const again = await request(renewed);
    if (isUnauthorized(again)) throw this.refusal(what, again);
    return again;
  }

  #scope({ repository, reads }: Call): string {
    const own = `repository:${repository}:${this.#actions}`;
    return reads === undefined || reads === repository ? own : `${own} repository:${reads}:pull`;
  }

  /**
   * Tries again what failed for a reason that may pass; `attempt` has to be safe to repeat.
   *
   * @param deadlineMs for all attempts together, unless the connection's settings say otherwise
   */
  retried<T>(attempt: () => Promise<T>, deadlineMs?: number): Promise<T> {
    const policy =
      deadlineMs === undefined ? this.options.retry : { deadlineMs, ...this.options.retry };
    return withRetries(attempt, policy, this.options.signal);
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

function isUnauthorized(reply: Opened | Reply): reply is Reply {
  return reply.status === 401;
}
