import { SluiceError } from "../error.ts";
import { webAddress } from "../source/web-address.ts";

/** A repository on GitHub, its data-residency hosts or an Enterprise server. */
export interface GithubRepository {
  readonly owner: string;
  readonly repo: string;
  /** Base URL of the REST API, without a slash at the end. */
  readonly api: string;
}

/** What a pipeline file says of it; undefined parts are those of the git remote. */
export interface RepositoryGiven {
  /** `acme/shop` */
  readonly repository?: string | undefined;
  /** Base URL of the REST API. */
  readonly api?: string | undefined;
}

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;
/** As GitHub allows them; nothing that would be another path. */
const NAME = /^(?!\.{1,2}$)[\w.-]{1,100}$/;

/**
 * The repository that a pipeline file names, or else the one that a git remote is.
 *
 * @param remote URL, or ssh's short form; undefined when the source has none
 * @throws SluiceError `GITHUB_REPOSITORY_UNKNOWN`, also for plain HTTP, which would show the token
 */
export function repositoryOf(given: RepositoryGiven, remote: string | undefined): GithubRepository {
  const { owner, repo } =
    given.repository === undefined ? ofRemote(remote) : ofName(given.repository);
  return { owner, repo, api: given.api === undefined ? apiOf(remote) : checked(given.api) };
}

/** Where people find a repository. */
export function webAddressOf({ owner, repo, api }: GithubRepository): string {
  const { protocol, host, origin } = new URL(api);
  const web = host.startsWith("api.") ? `${protocol}//${host.slice("api.".length)}` : origin;
  return `${web}/${owner}/${repo}`;
}

function ofName(name: string): { owner: string; repo: string } {
  const [owner = "", repo = "", ...more] = name.split("/");
  if (!NAME.test(owner) || !NAME.test(repo) || more.length > 0) {
    throw unknown(`expected a name such as acme/shop, found ${JSON.stringify(name)}`);
  }
  return { owner, repo };
}

function ofRemote(remote: string | undefined): { owner: string; repo: string } {
  const path = urlOf(remote)?.pathname ?? "";
  const parts = path.split("/").filter((part) => part !== "");
  const [owner = "", repo = "", ...more] = parts.map((part) => decodeURIComponent(part));
  if (!NAME.test(owner) || !NAME.test(repo) || more.length > 0) {
    throw unknown(
      `expected a remote such as https://github.com/acme/shop, found ${remote ?? "none"}`,
    );
  }
  return { owner, repo };
}

/** github.com and its data-residency hosts have an API host; an Enterprise server has a path. */
function apiOf(remote: string | undefined): string {
  const url = urlOf(remote);
  if (!url) return "https://api.github.com";
  const { hostname } = url;
  if (hostname === "github.com" || hostname.endsWith(".ghe.com")) return `https://api.${hostname}`;
  return `${checked(url.origin)}/api/v3`;
}

function checked(api: string): string {
  const url = URL.canParse(api) ? new URL(api) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") {
    throw unknown("expected the URL of its API, such as https://git.example.com/api/v3");
  }
  if (url.protocol === "http:" && !LOOPBACK.test(url.hostname)) {
    throw unknown(`expected an https address, found ${url.origin}, which would show the token`);
  }
  return api.replace(/\/+$/, "");
}

function urlOf(remote: string | undefined): URL | undefined {
  const address = remote === undefined ? undefined : webAddress(remote);
  return address === undefined ? undefined : new URL(address);
}

function unknown(reason: string): SluiceError {
  return new SluiceError(
    "GITHUB_REPOSITORY_UNKNOWN",
    `GitHub's repository is not known: ${reason}`,
    {
      hint: "name the repository on GitHub under git.remote or announcements.github of the pipeline file, or leave out what needs it",
    },
  );
}
