import { z } from "zod";
import { SluiceError } from "../../error.ts";
import { connectGithub, type GithubOptions } from "../../github/client.ts";
import { githubFailure, statusOf } from "../../github/failure.ts";
import { allPages } from "../../github/pages.ts";
import { repositoryOf } from "../../github/repository.ts";
import type { Check } from "./check.ts";

const GREEN: readonly (string | null)[] = ["success", "neutral", "skipped"];
const ASK = { what: "read the checks of", needs: "checks: read, statuses: read" };

const run = z.object({
  id: z.number(),
  name: z.string(),
  status: z.string(),
  conclusion: z.string().nullable(),
  app: z.object({ slug: z.string().optional() }).nullish(),
});
const runsPage = z.object({ check_runs: z.array(run) }).transform((page) => page.check_runs);
const statusesPage = z.array(z.object({ context: z.string(), state: z.string() }));

/**
 * The checks of a commit on GitHub: check runs and commit statuses, each in its latest run.
 *
 * @param remote the git remote
 * @throws SluiceError `GITHUB_REPOSITORY_UNKNOWN`, `GITHUB_UNAUTHORIZED`, `GITHUB_FORBIDDEN`,
 *   `GITHUB_NOT_FOUND`, `GITHUB_COMMIT_UNKNOWN`, `GITHUB_LIMITED`, `GITHUB_UNAVAILABLE`
 */
export async function githubChecks(
  remote: string | undefined,
  commit: string,
  options: GithubOptions = {},
): Promise<readonly Check[]> {
  const repository = repositoryOf({}, remote);
  const { owner, repo } = repository;
  const { rest } = await connectGithub(repository, options);
  const of = (page: number) => ({ owner, repo, ref: commit, per_page: 100, page });
  try {
    const [runs, statuses] = await Promise.all([
      allPages(runsPage, (page) => rest.checks.listForRef({ ...of(page), filter: "latest" })),
      allPages(statusesPage, (page) => rest.repos.listCommitStatusesForRef(of(page))),
    ]);
    return [...latestRuns(runs), ...latestStatuses(statuses)];
  } catch (error) {
    if (statusOf(error) !== 422) throw githubFailure(repository, ASK, error);
    throw new SluiceError("GITHUB_COMMIT_UNKNOWN", `${owner}/${repo} has no commit ${commit}`, {
      hint: "push the commit first",
      cause: error,
    });
  }
}

/** Of runs with one name, of one app, the last one counts. */
function latestRuns(runs: readonly z.output<typeof run>[]): Check[] {
  const latest = new Map(
    [...runs]
      .sort((one, other) => one.id - other.id)
      .map((one) => [`${one.app?.slug ?? ""}/${one.name}`, one]),
  );
  return [...latest.values()].map(({ name, status, conclusion }) => {
    const done = status === "completed";
    return {
      name,
      green: done && GREEN.includes(conclusion),
      state: done ? (conclusion ?? status) : status,
    };
  });
}

/** GitHub lists the newest one first. */
function latestStatuses(statuses: z.output<typeof statusesPage>): Check[] {
  const latest = new Map([...statuses].reverse().map((one) => [one.context, one]));
  return [...latest.values()].map(({ context, state }) => ({
    name: context,
    green: state === "success",
    state,
  }));
}
