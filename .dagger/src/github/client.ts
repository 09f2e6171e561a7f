import type { Octokit } from "@octokit/rest";
import { SluiceError } from "../error.ts";
import { appAuth, type GithubApp } from "./app.ts";
import { hidingTokens } from "./hidden.ts";
import type { GithubRepository } from "./repository.ts";

/** How long one attempt of a request may take; milliseconds. */
const TIMEOUT_MS = 10_000;
/** How long a request waits for limits, all attempts together; milliseconds. */
const DEADLINE_MS = 180_000;
/** Refusals, lost races and limits: asking again at once changes nothing. */
const FINAL = [400, 401, 403, 404, 409, 410, 422, 429, 451];
/** A limit's end that has passed already, by a clock that is wrong, is no reason to ask forever. */
const MAX_WAITS = 5;
const SECOND_MS = 1000;

/** How to ask GitHub. */
export interface GithubOptions {
  /** Undefined, without an App too: what GitHub shows to everybody. */
  token?: string | undefined;
  /** A GitHub App, in place of a token. */
  app?: GithubApp | undefined;
  /** How long one attempt of a request may take; milliseconds, default 10 seconds. */
  timeoutMs?: number | undefined;
  /**
   * How long a request waits for GitHub's limits, all attempts together; milliseconds, default 3
   * minutes. A limit that ends later fails at once.
   */
  deadlineMs?: number | undefined;
  /** Told of each wait, one line. */
  onProgress?: ((line: string) => void) | undefined;
  /**
   * How long a second of waiting lasts: tests shorten it, and then writes aren't spaced either;
   * milliseconds, default 1000.
   */
  secondMs?: number | undefined;
}

/**
 * A client of the REST and GraphQL API that keeps GitHub's rules: limits are waited for, writes are
 * spaced, reads are repeated after 5xx and broken connections. Writes are never repeated blindly,
 * which is what `onceWritten` is for.
 *
 * @throws SluiceError `GITHUB_APP_KEY_INVALID`, and what finding the App's installation ends with
 */
export async function connectGithub(
  repository: GithubRepository,
  options: GithubOptions = {},
): Promise<Octokit> {
  if (options.token !== undefined && options.app !== undefined) {
    throw new SluiceError("GITHUB_CREDENTIALS_AMBIGUOUS", "both a token and an App are given", {
      hint: "give one of them",
    });
  }
  // Octokit takes a while to load, and most runs never need it.
  const [{ Octokit }, { retry }, { throttling }] = await Promise.all([
    import("@octokit/rest"),
    import("@octokit/plugin-retry"),
    import("@octokit/plugin-throttling"),
  ]);
  const Client = Octokit.plugin(throttling, retry);
  const { token, app, secondMs = SECOND_MS } = options;
  const common = {
    baseUrl: repository.api,
    userAgent: "sluice",
    log: { debug: silent, info: silent, warn: silent, error: silent },
    request: { fetch: fetchWithin(options.timeoutMs ?? TIMEOUT_MS) },
    retry: { doNotRetry: FINAL, retryAfterBaseValue: secondMs },
    throttle: throttle(options, secondMs),
  };
  const auth =
    app === undefined
      ? token === undefined
        ? {}
        : { auth: token }
      : await appAuth(repository, app, (more) =>
          careful(new Client({ ...common, ...more }), token),
        );
  return careful(new Client({ ...common, ...auth }), token);
}

function silent(): void {
  // Octokit's own lines say less than the errors that follow them.
}

/** A request that brings a signal of its own, such as an upload, ends by that. */
function fetchWithin(timeoutMs: number) {
  return (url: string, init: RequestInit) =>
    fetch(url, { ...init, signal: init.signal ?? AbortSignal.timeout(timeoutMs) });
}

function throttle(options: GithubOptions, secondMs: number) {
  const { deadlineMs = DEADLINE_MS, onProgress = silent } = options;
  const waited = new WeakMap<object, number>();
  const within =
    (limit: string) => (seconds: number, request: object, _: unknown, attempt: number) => {
      const total = (waited.get(request) ?? 0) + seconds;
      if (total * 1000 > deadlineMs || attempt >= MAX_WAITS) return false;
      waited.set(request, total);
      onProgress(`GitHub's ${limit} limit is reached: waiting ${seconds} s`);
      return true;
    };
  return {
    retryAfterBaseValue: secondMs,
    onRateLimit: within("hourly"),
    onSecondaryRateLimit: within("secondary"),
    ...(secondMs === SECOND_MS ? {} : unspaced()),
  };
}

/** In the place of the groups that space writes. */
function unspaced() {
  const group = {
    key: () => ({ schedule: (_: object, job: () => Promise<void>) => job() }),
  } as never;
  return { write: group, notifications: group };
}

/** Keeps the retry plugin from writing twice, as an answer may be lost, and tokens out of errors. */
function careful(octokit: Octokit, token: string | undefined): Octokit {
  octokit.hook.error("request", hidingTokens(token));
  octokit.hook.before("request", (request) => {
    if (!isRead(request)) request.request.retries = 0;
  });
  return octokit;
}

/** GraphQL posts its queries, too. */
function isRead({ method, url, query }: { method: string; url: string; query?: unknown }): boolean {
  if (method === "GET" || method === "HEAD") return true;
  return url.endsWith("/graphql") && typeof query === "string" && !/^\s*mutation\b/m.test(query);
}
