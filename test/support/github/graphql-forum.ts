import type { Octokit } from "@octokit/rest";
import { onTestFinished } from "vitest";
import { connectGithub } from "../../../.dagger/src/github/client.ts";
import { graphqlHandler } from "./graphql.ts";
import { emptyForum, type ForumState } from "./graphql-state.ts";
import type { GithubServer } from "./options.ts";
import { githubServer, githubToken } from "./server.ts";
import type { Actor } from "./state.ts";

/** GitHub's Discussions of `acme/shop`. */
export interface Forum {
  readonly state: ForumState;
  readonly server: GithubServer;
  /** A client that asks with a token. */
  readonly connect: (token?: string) => Promise<Octokit>;
}

/** A server with Discussions while the test runs; asking it what GitHub doesn't know fails the test. */
export async function startForum(tokens?: Readonly<Record<string, Actor>>): Promise<Forum> {
  const state = emptyForum();
  const server = await githubServer({ graphql: graphqlHandler(state), ...(tokens && { tokens }) });
  onTestFinished(() => {
    if (state.violations.length > 0) throw new Error(state.violations.join("\n"));
  });
  return {
    ...{ state, server },
    connect: (token = githubToken) =>
      connectGithub(server.repository, { token, secondMs: 1, deadlineMs: 5000 }),
  };
}
