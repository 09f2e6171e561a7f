import type { Octokit } from "@octokit/rest";
import type { GithubRepository } from "./repository.ts";

/** A repository on GitHub, and a client for it that is made when it is first needed. */
export interface GithubAccess {
  readonly repository: GithubRepository;
  readonly octokit: () => Promise<Octokit>;
}

/** The client's methods, and what names the repository in each request. */
export async function restOf({ repository: { owner, repo }, octokit }: GithubAccess): Promise<{
  rest: Octokit["rest"];
  of: { owner: string; repo: string };
}> {
  const { rest } = await octokit();
  return { rest, of: { owner, repo } };
}
