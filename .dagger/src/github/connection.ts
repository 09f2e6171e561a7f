import { Settings } from "../deploy/settings.ts";
import { once } from "../once.ts";
import type { Release } from "../release.ts";
import type { GithubAccess } from "./access.ts";
import { connectGithub, type GithubOptions } from "./client.ts";
import { repositoryOf } from "./repository.ts";

/** What signs in to GitHub: a token, or an App by its settings; neither for what everybody may see. */
export async function githubCredentials({
  secretsFor,
}: Pick<Release, "secretsFor">): Promise<Pick<GithubOptions, "token" | "app">> {
  const settings = new Settings({ secretsFor });
  const text = async (use: "github-token" | "git-token") =>
    (await secretsFor(use).at(-1)?.secret.plaintext())?.trim();
  const own = await text("github-token");
  if (own) return { token: own };
  const id = await settings.find("GITHUB_APP_ID");
  if (id !== undefined) {
    const privateKey = await settings.get("GITHUB_APP_PRIVATE_KEY", "the key of the GitHub App");
    const installation = await settings.find("GITHUB_APP_INSTALLATION_ID");
    const installationId = installation === undefined ? undefined : Number(installation);
    return { app: { id, privateKey, installationId } };
  }
  // On GitHub the token of the git remote is one for the API, too.
  const ofGit = await text("git-token");
  return ofGit ? { token: ofGit } : {};
}

/**
 * The repository on GitHub that people are told in: the one that the pipeline file names, or else the
 * git remote.
 *
 * @throws SluiceError `GITHUB_REPOSITORY_UNKNOWN`
 */
export async function githubOf(
  release: Pick<Release, "pipeline" | "secretsFor" | "history">,
  onProgress: (line: string) => void,
): Promise<GithubAccess> {
  const given = release.pipeline.announcements.github ?? {};
  const { remote } = await release.history();
  const repository = repositoryOf(given, remote);
  const connect = async () =>
    connectGithub(repository, { ...(await githubCredentials(release)), onProgress });
  return { repository, octokit: once(connect) };
}
