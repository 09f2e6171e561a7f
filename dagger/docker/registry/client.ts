import type { IncomingMessage } from "node:http";
import { SluiceError } from "../../core/error.ts";
import { messageOf } from "../../core/message.ts";
import type { RegistryCredentials } from "../types.ts";
import { type RegistryAddress, followed, registryAddress } from "./address.ts";
import { authorize, parseChallenge } from "./auth.ts";
import { registryRefusal, unreachable, wordsOf } from "./errors.ts";
import { type Exchange, exchange, readBody } from "./http.ts";
import { type Reference, formatReference } from "./reference.ts";
import { Retryable, retryAfterMs, retrying } from "./retry.ts";

export interface RegistryRequest {
  method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below `/v2/<repository>/`, or where an earlier answer sent us. */
  path: string | URL;
  headers?: Record<string, string>;
  body?: Exchange["body"];
  /** Statuses that are an answer; any other one is an error. */
  expect: number[];
  /** Default 10 s. */
  idleMs?: number;
}

const IDLE_MS = 10_000;
const ERROR_LIMIT = 64 * 1024;
const TRANSIENT = new Set([408, 500, 502, 503, 504]);
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MOST_REDIRECTS = 5;

/** One repository of one registry: authentication, retries, redirects and errors. */
export class RegistryClient {
  readonly registry: RegistryAddress;
  /** For messages: the reference as the user knows it. */
  readonly subject: string;
  /** The repository's path in its registry. */
  readonly path: string;
  #authorization: string | undefined;
  #authorizing: Promise<string> | undefined;

  constructor(
    reference: Reference,
    private readonly options: {
      credentials: RegistryCredentials | undefined;
      dial?: string;
      push: boolean;
      signal: AbortSignal;
    },
  ) {
    this.registry = registryAddress(reference.registry, options.dial);
    this.path = reference.path;
    this.subject = formatReference(reference);
  }

  /** Answers with the headers; the caller reads the body. Retries what is worth retrying. */
  send(request: RegistryRequest): Promise<IncomingMessage> {
    return retrying(this.options.signal, () => this.#attempt(request));
  }

  /** Like {@link send}, with the body read. Throws when it exceeds `limit` bytes. */
  read(
    request: RegistryRequest,
    limit: number,
  ): Promise<{ response: IncomingMessage; body: Buffer }> {
    return retrying(this.options.signal, async () => {
      const response = await this.#attempt(request);
      try {
        return { response, body: await readBody(response, limit) };
      } catch (error) {
        throw new Retryable(this.#lost(error));
      }
    });
  }

  /** Resolves what a `Location` header says. */
  locate(response: IncomingMessage, from: string | URL): URL {
    const { location } = response.headers;
    if (location === undefined) {
      throw new SluiceError("REGISTRY_ERROR", `${this.registry.name} answered without a location`);
    }
    return followed(this.registry, this.#url(from), location);
  }

  async #attempt(request: RegistryRequest): Promise<IncomingMessage> {
    let url = this.#url(request.path);
    for (let redirects = 0; ; redirects++) {
      const response = await this.#exchange(request, url);
      const status = response.statusCode ?? 0;
      if (request.expect.includes(status)) {
        if (request.method === "HEAD") response.resume();
        return response;
      }
      if (REDIRECTS.has(status) && redirects < MOST_REDIRECTS) {
        response.resume();
        url = followed(this.registry, url, response.headers.location ?? "");
        continue;
      }
      throw await this.#failure(response, status);
    }
  }

  /** One exchange; a challenge is answered once. */
  async #exchange(request: RegistryRequest, url: URL): Promise<IncomingMessage> {
    const ours = url.origin === this.registry.base.origin;
    const used = ours ? this.#authorization : undefined;
    const response = await this.#plainExchange(request, url, used);
    if (response.statusCode !== 401 || !ours) return response;
    response.resume();
    const challenge = parseChallenge(response.headers["www-authenticate"]);
    // Only one of many parallel requests fetches a token; the others wait for it.
    if (this.#authorization === used) {
      this.#authorizing ??= authorize(
        this.registry,
        challenge,
        `repository:${this.path}:pull${this.options.push ? ",push" : ""}`,
        this.options.credentials,
        this.options.signal,
      ).finally(() => (this.#authorizing = undefined));
      this.#authorization = await this.#authorizing.catch((error: unknown) => {
        throw error instanceof SluiceError ? error : new Retryable(this.#lost(error));
      });
    }
    return this.#plainExchange(request, url, this.#authorization);
  }

  async #plainExchange(
    request: RegistryRequest,
    url: URL,
    authorization: string | undefined,
  ): Promise<IncomingMessage> {
    try {
      return await exchange({
        method: request.method,
        url,
        headers: {
          "user-agent": "sluice",
          ...request.headers,
          ...(authorization === undefined ? {} : { authorization }),
        },
        body: request.body,
        idleMs: request.idleMs ?? IDLE_MS,
        signal: this.options.signal,
      });
    } catch (error) {
      this.options.signal.throwIfAborted();
      const lost = this.#lost(error);
      // A name that does not exist will not exist a second later.
      throw (error as NodeJS.ErrnoException).code === "ENOTFOUND" ? lost : new Retryable(lost);
    }
  }

  async #failure(response: IncomingMessage, status: number): Promise<Error> {
    const body = await readBody(response, ERROR_LIMIT).catch(() => Buffer.alloc(0));
    const error = registryRefusal(status, wordsOf(body.toString()), this.subject);
    if (status === 429) return new Retryable(error, retryAfterMs(response.headers["retry-after"]));
    return TRANSIENT.has(status) ? new Retryable(error) : error;
  }

  #lost(error: unknown): SluiceError {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === "ENOTFOUND" || code === "EAI_AGAIN"
        ? `the name ${this.registry.base.hostname} does not resolve`
        : code === "ECONNREFUSED"
          ? "connection refused"
          : messageOf(error);
    return unreachable(this.subject, why, error);
  }

  #url(path: string | URL): URL {
    return path instanceof URL ? path : new URL(`v2/${this.path}/${path}`, this.registry.base);
  }
}
