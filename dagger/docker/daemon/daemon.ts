import { Agent as HttpAgent, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { Duplex, Readable } from "node:stream";
import Docker, { type DockerOptions } from "dockerode";
import { z } from "zod";
import { type Endpoint, describeEndpoint } from "./endpoint.ts";
import { refusal, unanswered } from "./errors.ts";
import { sshAgent } from "./ssh.ts";

type Method = "GET" | "HEAD" | "POST" | "PUT" | "DELETE";

export interface DaemonRequest {
  query?: Record<string, string | number | boolean | readonly string[] | undefined>;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is, in place of `body`. */
  upload?: Readable | Buffer;
  headers?: OutgoingHttpHeaders;
  signal?: AbortSignal;
}

const ACCEPTED = { 101: true, 200: true, 201: true, 202: true, 204: true, 304: true } as const;

/**
 * One Docker Engine API. Typed calls over dockerode's transport: answers are checked against a
 * schema, refusals become {@link DaemonError}, silence becomes `DOCKER_LOST`.
 */
export class Daemon {
  readonly place: string;
  readonly #docker: Docker;
  readonly #agent: HttpAgent | HttpsAgent;

  constructor(readonly endpoint: Endpoint) {
    this.place = describeEndpoint(endpoint);
    this.#agent = agentFor(endpoint);
    // Every option is given, or docker-modem would fill it in from DOCKER_HOST.
    const options: DockerOptions & { agent: HttpAgent } = {
      socketPath: endpoint.kind === "socket" ? endpoint.path : undefined,
      host:
        endpoint.kind === "tcp" ? endpoint.host : endpoint.kind === "ssh" ? "docker" : undefined,
      port: endpoint.kind === "tcp" ? endpoint.port : undefined,
      protocol: endpoint.kind === "tcp" && endpoint.tls ? "https" : "http",
      ca: endpoint.kind === "tcp" ? endpoint.tls?.ca : undefined,
      cert: endpoint.kind === "tcp" ? endpoint.tls?.cert : undefined,
      key: endpoint.kind === "tcp" ? endpoint.tls?.key : undefined,
      agent: this.#agent,
    };
    this.#docker = new Docker(options);
  }

  /** Asks for JSON. */
  async json<T>(
    schema: z.ZodType<T>,
    method: Method,
    path: string,
    request: DaemonRequest = {},
  ): Promise<T> {
    const answer = await this.#dial(method, path, request, {});
    const parsed = schema.safeParse(answer);
    if (parsed.success) return parsed.data;
    throw refusal(
      200,
      `its answer does not have the expected shape: ${z.prettifyError(parsed.error)}`,
      `${method} ${path}`,
    );
  }

  /** Asks for something to be done; the answer does not matter. */
  async call(method: Method, path: string, request: DaemonRequest = {}): Promise<void> {
    await this.#dial(method, path, request, {});
  }

  /** Asks for a stream; the body is read by the caller. */
  async stream(
    method: Method,
    path: string,
    request: DaemonRequest = {},
  ): Promise<IncomingMessage> {
    return (await this.#dial(method, path, request, { isStream: true })) as IncomingMessage;
  }

  /** Takes the connection over (attach, BuildKit session). */
  async hijack(path: string, request: DaemonRequest = {}): Promise<Duplex> {
    return (await this.#dial("POST", path, request, { hijack: true })) as Duplex;
  }

  /** Drops connections that are idle. */
  destroy(): void {
    this.#agent.destroy();
  }

  #dial(
    method: Method,
    path: string,
    request: DaemonRequest,
    flags: { isStream?: boolean; hijack?: boolean },
  ): Promise<unknown> {
    const query = Object.fromEntries(
      Object.entries(request.query ?? {}).filter(([, value]) => value !== undefined),
    );
    const name = `${method} ${path}`;
    return new Promise((resolve, reject) => {
      this.#docker.modem.dial(
        {
          path: `${path}?`,
          method,
          headers: { ...request.headers },
          // `_query` and `_body` keep docker-modem from sending one as the other.
          options: { _query: query, _body: request.body ?? {} },
          file: request.upload,
          abortSignal: request.signal,
          statusCodes: ACCEPTED,
          ...flags,
        },
        (error: (Error & { statusCode?: number; json?: unknown }) | null, answer: unknown) => {
          if (!error) resolve(answer);
          else if (error.statusCode !== undefined)
            reject(refusal(error.statusCode, wordsOf(error), name));
          else reject(unanswered(error, name, this.place));
        },
      );
    });
  }
}

/** The daemon's message without what docker-modem puts around it. */
function wordsOf(error: Error & { json?: unknown }): string {
  const parsed = z.object({ message: z.string() }).safeParse(error.json);
  if (parsed.success) return parsed.data.message;
  return error.message.replace(/^\(HTTP code \d+\) \S.*? - /, "");
}

function agentFor(endpoint: Endpoint): HttpAgent | HttpsAgent {
  if (endpoint.kind === "ssh") return sshAgent(endpoint.destination, endpoint.port);
  return endpoint.kind === "tcp" && endpoint.tls
    ? new HttpsAgent({ keepAlive: true })
    : new HttpAgent({ keepAlive: true });
}
