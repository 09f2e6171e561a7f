import type { GithubAccess } from "../../../.dagger/src/github/access.ts";
import { connectGithub, type GithubOptions } from "../../../.dagger/src/github/client.ts";
import { once } from "../../../.dagger/src/once.ts";
import type { GithubServer } from "./options.ts";
import { githubToken } from "./server.ts";

/** Access to a server that waits no longer than it has to. */
export function githubAccess(
  { repository }: Pick<GithubServer, "repository">,
  options: GithubOptions = { token: githubToken },
): GithubAccess {
  const octokit = once(() => connectGithub(repository, { secondMs: 1, ...options }));
  return { repository, octokit };
}
