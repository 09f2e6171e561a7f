import { z } from "zod";
import { firstLine, SluiceError } from "../../error.ts";
import type { GithubRepository } from "./github-repository.ts";

const NEEDED = "a token that may read checks and commit statuses (checks: read, statuses: read)";

/** What a failed request to GitHub means, and what to do about it. */
export function githubFailure(
  { owner, repo, api }: GithubRepository,
  commit: string,
  error: unknown,
): SluiceError {
  const name = `${owner}/${repo}`;
  const make = (code: string, reason: string, hint: string) =>
    new SluiceError(code, reason, { hint, cause: error });
  if (error instanceof z.ZodError) {
    return make(
      "GITHUB_UNAVAILABLE",
      `${api} answered something else than the checks of ${name}`,
      "see that nothing between here and GitHub answers in its place, and try again",
    );
  }
  const { status, headers } = answerOf(error);
  const limited = headers["x-ratelimit-remaining"] === "0" || headers["retry-after"] !== undefined;
  if (status === 429 || (status === 403 && limited)) {
    return make("GITHUB_LIMITED", `${api} takes no more requests for now`, waitFor(headers));
  }
  switch (status) {
    case 401:
      return make("GITHUB_UNAUTHORIZED", `${api} does not accept the token`, `give ${NEEDED}`);
    case 403:
      return make(
        "GITHUB_FORBIDDEN",
        `the token may not read the checks of ${name}`,
        `give ${NEEDED}`,
      );
    case 404:
      return make(
        "GITHUB_NOT_FOUND",
        `${api} shows no repository ${name} to this token`,
        `give ${NEEDED} of ${name}`,
      );
    case 422:
      return make(
        "GITHUB_COMMIT_UNKNOWN",
        `${name} has no commit ${commit}`,
        "push the commit first",
      );
    default:
      return make(
        "GITHUB_UNAVAILABLE",
        status === undefined
          ? `${api} can't be reached: ${firstLine(error)}`
          : `${api} answered ${status} for the checks of ${name}`,
        "try again; see https://www.githubstatus.com",
      );
  }
}

interface Answer {
  status: number | undefined;
  headers: Readonly<Record<string, string | number | undefined>>;
}

/** Octokit gives failures of the connection the status 500; only an answer has headers. */
function answerOf(error: unknown): Answer {
  const { status, response } = error as {
    status?: number;
    response?: { headers: Answer["headers"] };
  };
  return { status: response ? status : undefined, headers: response?.headers ?? {} };
}

function waitFor(headers: Answer["headers"]): string {
  const seconds = Number(headers["retry-after"]);
  if (seconds > 0) return `try again in ${seconds} s`;
  const reset = Number(headers["x-ratelimit-reset"]);
  return reset > 0
    ? `try again after ${new Date(reset * 1000).toISOString()}`
    : "try again in a minute";
}
