import { z } from "zod";
import { firstLine, SluiceError } from "../error.ts";
import type { GithubRepository } from "./repository.ts";

/** Something that GitHub is asked to do, for messages. */
export interface GithubAsk {
  /** After "may not", with the repository following: `read the checks of`, `open issues in`. */
  readonly what: string;
  /** Permissions that the token needs: `issues: write`. */
  readonly needs: string;
}

/** What GitHub answered to a request that failed. */
interface Answer {
  /** Undefined when there was no answer at all. */
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
  /** What GitHub says of it. */
  readonly message: string;
}

/**
 * Does what GitHub is asked for.
 *
 * @throws SluiceError of {@link githubFailure}
 */
export async function asking<T>(
  repository: GithubRepository,
  ask: GithubAsk,
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw githubFailure(repository, ask, error);
  }
}

/**
 * What a failed request to GitHub means, and what to do about it: `GITHUB_UNAUTHORIZED`,
 * `GITHUB_FORBIDDEN`, `GITHUB_NOT_FOUND`, `GITHUB_DISABLED`, `GITHUB_REFUSED`,
 * `GITHUB_LIMITED`, `GITHUB_UNAVAILABLE`. A SluiceError stays what it is.
 */
export function githubFailure(
  { owner, repo, api }: GithubRepository,
  { what, needs }: GithubAsk,
  error: unknown,
): SluiceError {
  if (error instanceof SluiceError) return error;
  const name = `${owner}/${repo}`;
  const give = `give a token that may ${what} ${name} (${needs})`;
  const make = (code: string, reason: string, hint: string) =>
    new SluiceError(`GITHUB_${code}`, reason, { hint, cause: error });
  if (error instanceof z.ZodError) {
    return make(
      "UNAVAILABLE",
      `${api} answered something else when asked to ${what} ${name}`,
      "see that nothing between here and GitHub answers in its place, and try again",
    );
  }
  const answer = answerOf(error);
  if (isLimit(answer)) {
    return make("LIMITED", `${api} takes no more requests for now`, waitFor(answer.headers));
  }
  switch (answer.status) {
    case 401:
      return make("UNAUTHORIZED", `${api} does not accept the token`, give);
    case 403:
      return make("FORBIDDEN", `the token may not ${what} ${name}`, give);
    case 404:
      return make("NOT_FOUND", `${api} shows no repository ${name} to this token`, give);
    case 410:
      return make("DISABLED", `${name} has it switched off: ${answer.message}`, ENABLE);
    case 422:
      return make(
        "REFUSED",
        `${api} refused to ${what} ${name}: ${answer.message}`,
        "mend what it names, and run the same command again",
      );
    case undefined:
      return make("UNAVAILABLE", `${api} can't be reached: ${answer.message}`, RETRY);
    default:
      return make(
        "UNAVAILABLE",
        `${api} answered ${answer.status} when asked to ${what} ${name}`,
        RETRY,
      );
  }
}

const ENABLE = "switch it on in the repository's settings, or off in the pipeline file";
const RETRY = "try again; see https://www.githubstatus.com";

/** The status that GitHub answered; undefined when there was no answer, or none was asked for. */
export function statusOf(error: unknown): number | undefined {
  return answerOf(error).status;
}

/** Octokit gives failures of the connection the status 500; only an answer has headers. */
function answerOf(error: unknown): Answer {
  const { status, response } = error as {
    status?: number;
    response?: { headers: Answer["headers"] };
  };
  return {
    status: response ? status : undefined,
    headers: response?.headers ?? {},
    message: firstLine(error),
  };
}

function isLimit({ status, headers, message }: Answer): boolean {
  if (status === 429) return true;
  const said = headers["x-ratelimit-remaining"] === "0" || headers["retry-after"] !== undefined;
  return status === 403 && (said || /\bsecondary rate\b/i.test(message));
}

function waitFor(headers: Answer["headers"]): string {
  const seconds = Number(headers["retry-after"]);
  if (seconds > 0) return `try again in ${seconds} s`;
  // Every answer says when the hour ends; only where nothing remains of it, that is the limit.
  const spent = String(headers["x-ratelimit-remaining"]) === "0";
  const reset = Number(headers["x-ratelimit-reset"]);
  return spent && reset > 0
    ? `try again after ${new Date(reset * 1000).toISOString()}`
    : "try again in a minute";
}
