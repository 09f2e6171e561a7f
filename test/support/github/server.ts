import { onTestFinished } from "vitest";
import type { GithubServer, GithubServerOptions } from "./options.ts";
import { startGithub } from "./start.ts";

export { githubToken } from "./start.ts";

/**
 * A server that speaks of one repository as GitHub does, while the test runs. Each request and each
 * answer is held to GitHub's own OpenAPI description; the test fails when one isn't as it says.
 */
export async function githubServer(options: GithubServerOptions = {}): Promise<GithubServer> {
  const { close, ...github } = await startGithub(options);
  onTestFinished(async () => {
    await close();
    if (github.violations.length > 0) {
      throw new Error(
        `GitHub knows no such requests:\n${[...new Set(github.violations)].join("\n")}`,
      );
    }
  });
  return github;
}
