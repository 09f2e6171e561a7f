import type { Octokit } from "@octokit/rest";
import { z } from "zod";
import type { Check } from "./check.ts";
import { githubFailure } from "./github-failure.ts";
import { githubRepository, type GithubRepository } from "./github-repository.ts";

/** How long one request may take; milliseconds. */
const TIMEOUT_MS = 10_000;
/** As many as GitHub itself lists for a commit, several times over. */
const MAX_PAGES = 50;
const GREEN: readonly (string | null)[] = ["success", "neutral", "skipped"];

const run = z.object({
  id: z.number(),
  name: z.string(),
  status: z.string(),
  conclusion: z.string().nullable(),
  app: z.object({ slug: z.string().optional() }).nullish(),
});
const runsPage = z.object({ check_runs: z.array(run) }).transform((page) => page.check_runs);
const statusesPage = z.array(z.object({ context: z.string(), state: z.string() }));

/** How to ask. */
export interface GithubOptions {
  /** Undefined: what GitHub shows to everybody. */
  token?: string | undefined;
  /** How long one request may take; milliseconds, default 10 seconds. */
  timeoutMs?: number;
}

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
  const repository = githubRepository(remote);
  const { owner, repo } = repository;
  const { rest } = await connect(repository, options);
  const of = (page: number) => ({ owner, repo, ref: commit, per_page: 100, page });
  try {
    const [runs, statuses] = await Promise.all([
      allPages(runsPage, (page) => rest.checks.listForRef({ ...of(page), filter: "latest" })),
      allPages(statusesPage, (page) => rest.repos.listCommitStatusesForRef(of(page))),
    ]);
    return [...latestRuns(runs), ...latestStatuses(statuses)];
  } catch (error) {
    throw githubFailure(repository, commit, error);
  }
}

/** Octokit takes a while to load, and most runs never need it. */
async function connect({ api }: GithubRepository, options: GithubOptions): Promise<Octokit> {
  const { Octokit } = await import("@octokit/rest");
  const { token, timeoutMs = TIMEOUT_MS } = options;
  const silent = () => undefined;
  return new Octokit({
    baseUrl: api,
    userAgent: "sluice",
    ...(token === undefined ? {} : { auth: token }),
    log: { debug: silent, info: silent, warn: silent, error: silent },
    request: {
      fetch: (url: string, init: RequestInit) =>
        fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) }),
    },
  });
}

/**
 * Reads page after page. Octokit's own pagination takes a conflict for the end of the list, which
 * would hide the checks on the pages that are left.
 */
async function allPages<T>(
  schema: z.ZodType<T[]>,
  read: (page: number) => Promise<{ data: unknown; headers: { link?: string | undefined } }>,
): Promise<T[]> {
  const items: T[] = [];
  for (let page = 1; page <= MAX_PAGES; page++) {
    const { data, headers } = await read(page);
    items.push(...schema.parse(data));
    if (!headers.link?.includes('rel="next"')) return items;
  }
  throw new Error(`more than ${MAX_PAGES} pages of checks`);
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
