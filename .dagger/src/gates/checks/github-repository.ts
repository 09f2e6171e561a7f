import { SluiceError } from "../../error.ts";
import { webAddress } from "../../source/web-address.ts";

/** A repository on GitHub or GitHub Enterprise. */
export interface GithubRepository {
  owner: string;
  repo: string;
  /** Base URL of the REST API. */
  api: string;
}

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

/**
 * The repository that a git remote is.
 *
 * @param remote URL, or ssh's short form; undefined when the source has none
 * @throws SluiceError `GITHUB_REPOSITORY_UNKNOWN`, also for plain HTTP, which would show the token
 */
export function githubRepository(remote: string | undefined): GithubRepository {
  const address = remote === undefined ? undefined : webAddress(remote);
  const url = address === undefined ? undefined : new URL(address);
  const [owner, repo, ...more] = url?.pathname.split("/").filter((part) => part !== "") ?? [];
  if (!url || !owner || !repo || more.length > 0) {
    throw unknown(
      `expected a remote such as https://github.com/acme/shop, found ${remote ?? "none"}`,
    );
  }
  if (url.protocol === "http:" && !LOOPBACK.test(url.hostname)) {
    throw unknown(`expected an https remote, found ${url.origin}, which would show the token`);
  }
  return { owner: decodeURIComponent(owner), repo: decodeURIComponent(repo), api: apiOf(url) };
}

/** github.com and its data-residency hosts have an API host; an Enterprise server has a path. */
function apiOf(url: URL): string {
  const { hostname } = url;
  if (hostname === "github.com" || hostname.endsWith(".ghe.com")) return `https://api.${hostname}`;
  return `${url.origin}/api/v3`;
}

function unknown(reason: string): SluiceError {
  return new SluiceError("GITHUB_REPOSITORY_UNKNOWN", `CI checks are read from GitHub: ${reason}`, {
    hint: "name the repository under git.remote in the pipeline file, or leave gates.checks out",
  });
}
