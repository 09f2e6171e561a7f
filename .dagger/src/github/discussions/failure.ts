import { z } from "zod";
import { SluiceError } from "../../error.ts";
import { githubFailure, type GithubAsk } from "../failure.ts";
import type { GithubRepository } from "../repository.ts";

/** What GraphQL answers with status 200 when something is wrong; throttling hands it on whole. */
const answered = z
  .object({
    headers: z.record(z.string(), z.unknown()).optional(),
    errors: z.array(z.object({ type: z.string().optional(), message: z.string() })).min(1),
  })
  .or(
    z
      .object({
        response: z.object({ headers: z.record(z.string(), z.unknown()) }),
        data: z.object({
          errors: z.array(z.object({ type: z.string().optional(), message: z.string() })).min(1),
        }),
      })
      .transform(({ response, data }) => ({ headers: response.headers, errors: data.errors })),
  );

/** GitHub says so when it ran out of time, with the write applied or not. */
const UNDECIDED = /something went wrong|timed? ?out|try again/i;

/**
 * What GraphQL's errors mean, in the codes of {@link githubFailure}; undefined when they don't say
 * whether a write was applied, and for errors of any other kind.
 */
export function refusalOf(
  { owner, repo, api }: GithubRepository,
  { what, needs }: GithubAsk,
  error: unknown,
): SluiceError | undefined {
  const { data } = answered.safeParse(error);
  const [first] = data?.errors ?? [];
  if (!data || !first) return undefined;
  const name = `${owner}/${repo}`;
  const said = first.message.replace(/\s+/g, " ").slice(0, 300);
  const make = (code: string, reason: string, hint: string) =>
    new SluiceError(`GITHUB_${code}`, reason, { hint, cause: error });
  if (first.type === "RATE_LIMITED" || /\bsecondary rate\b/i.test(said)) {
    return make("LIMITED", `${api} takes no more requests for now`, waitFor(data.headers ?? {}));
  }
  switch (first.type) {
    case "FORBIDDEN":
    case "INSUFFICIENT_SCOPES":
      return make(
        "FORBIDDEN",
        `the token may not ${what} ${name}: ${said}`,
        `give a token that may ${what} ${name} (${needs})`,
      );
    case "NOT_FOUND":
      return make(
        "NOT_FOUND",
        `${api} does not show to this token what it was asked to ${what} ${name}: ${said}`,
        `see that ${name} exists, and give a token that may ${what} it (${needs})`,
      );
    case undefined:
      if (UNDECIDED.test(said)) return undefined;
  }
  return make(
    "REFUSED",
    `${api} refused to ${what} ${name}: ${said}`,
    "mend what it names, and run the same command again",
  );
}

/** What any failed request for discussions means. */
export function discussionFailure(
  repository: GithubRepository,
  ask: GithubAsk,
  error: unknown,
): SluiceError {
  const refusal = refusalOf(repository, ask, error);
  if (refusal) return refusal;
  if (!answered.safeParse(error).success) return githubFailure(repository, ask, error);
  const { owner, repo, api } = repository;
  return new SluiceError(
    "GITHUB_UNAVAILABLE",
    `${api} could not say whether it did what it was asked to ${ask.what} ${owner}/${repo}`,
    { hint: "try again; see https://www.githubstatus.com", cause: error },
  );
}

function waitFor(headers: Readonly<Record<string, unknown>>): string {
  const seconds = Number(headers["retry-after"]);
  if (seconds > 0) return `try again in ${seconds} s`;
  const reset = Number(headers["x-ratelimit-reset"]);
  return reset > 0
    ? `try again after ${new Date(reset * 1000).toISOString()}`
    : "try again in a minute";
}
