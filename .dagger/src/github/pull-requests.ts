import { z } from "zod";
import type { Told } from "../announce/sink.ts";
import { restOf, type GithubAccess } from "./access.ts";
import { asking, statusOf } from "./failure.ts";
import { onceWritten } from "./once-written.ts";
import { requestText } from "./request-text.ts";

const ASK = { what: "open pull requests in", needs: "pull_requests: write" };

const pull = z.object({ number: z.number(), html_url: z.string() });
const pulls = z.array(pull);

/** A pull request between branches of the repository. */
export interface PullRequestWanted {
  /** The branch that is to be merged. */
  readonly branch: string;
  /** The branch that it is merged to. */
  readonly base: string;
  readonly title: string;
  /** Markdown. */
  readonly body: string;
}

/**
 * Opens a pull request, unless there is an open one for the same branches: that is taken as it is.
 *
 * @throws SluiceError `GITHUB_REFUSED` when there is nothing to merge, or a branch isn't there;
 *   `GITHUB_UNAUTHORIZED`, `GITHUB_FORBIDDEN`, `GITHUB_NOT_FOUND`, `GITHUB_LIMITED`,
 *   `GITHUB_UNAVAILABLE`
 */
export async function openReleasePullRequest(
  access: GithubAccess,
  wanted: PullRequestWanted,
): Promise<Told> {
  return asking(access.repository, ASK, async () => {
    const { number, html_url, how } = await onceWritten({
      find: () => openPull(access, wanted),
      write: () => create(access, wanted),
    });
    return { what: `${how} pull request #${number}`, url: html_url };
  });
}

/**
 * What {@link openReleasePullRequest} would do: the very request, or the pull request that is open.
 * Changes nothing.
 *
 * @throws SluiceError as {@link openReleasePullRequest}
 */
export async function releasePullRequest(
  access: GithubAccess,
  wanted: PullRequestWanted,
): Promise<string> {
  return asking(access.repository, ASK, async () => {
    const open = await openPull(access, wanted);
    return open
      ? `pull request #${open.number} is open: ${open.html_url}`
      : requestText(access, "POST", "pulls", bodyOf(wanted));
  });
}

type Pull = z.output<typeof pull> & { how: "opened" | "found" };

async function openPull(
  access: GithubAccess,
  { branch, base }: PullRequestWanted,
): Promise<Pull | undefined> {
  const { rest, of } = await restOf(access);
  const head = `${of.owner}:${branch}`;
  const { data } = await rest.pulls.list({ ...of, head, base, state: "open", per_page: 1 });
  const [first] = pulls.parse(data);
  return first && { ...first, how: "found" };
}

/** Where somebody else was quicker, GitHub refuses a second one: then there is an open one. */
async function create(access: GithubAccess, wanted: PullRequestWanted): Promise<Pull> {
  const { rest, of } = await restOf(access);
  try {
    const { data } = await rest.pulls.create({ ...of, ...bodyOf(wanted) });
    return { ...pull.parse(data), how: "opened" };
  } catch (error) {
    const open = statusOf(error) === 422 ? await openPull(access, wanted) : undefined;
    if (!open) throw error;
    return open;
  }
}

function bodyOf({ branch, base, title, body }: PullRequestWanted) {
  return { head: branch, base, title, body };
}
