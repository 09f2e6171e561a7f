import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { answer, type Github } from "./answer.ts";
import type { GithubServer, GithubServerOptions } from "./options.ts";
import { emptyState, type Actor } from "./state.ts";

/** A token that may do everything. */
export const githubToken = "ghp_secret";

/**
 * A server that speaks of one repository as GitHub does, until it is closed. Who starts it has to
 * look at `violations`; tests take `githubServer`, which does.
 */
export async function startGithub(
  options: GithubServerOptions = {},
): Promise<GithubServer & { close: () => Promise<void> }> {
  const [owner = "", repo = ""] = (options.repository ?? "acme/shop").split("/");
  const everything: Actor = { login: "ann", type: "User" };
  const tokens = new Map(Object.entries(options.tokens ?? { [githubToken]: everything }));
  const github: Github = {
    ...{ state: emptyState(), faults: [], requests: [], violations: [], ids: { last: 0 } },
    ...{ options, owner, repo },
    credentials: { tokens, app: options.app, now: options.now ?? Date.now },
  };
  const server = createServer((request, response) => {
    answer(github, request, response).catch((error: unknown) => {
      github.violations.push(`the stand-in failed: ${String(error)}`);
      response.writeHead(500).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const api = `${url}/api/v3`;
  return {
    state: github.state,
    faults: github.faults,
    requests: github.requests,
    violations: github.violations,
    tokens,
    ...{ url, api, remote: `${url}/${owner}/${repo}.git`, repository: { owner, repo, api } },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
