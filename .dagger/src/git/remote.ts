import { SluiceError } from "../error.ts";

/** A git remote, taken apart. */
export interface Remote {
  /** How it is reached. */
  transport: "http" | "ssh" | "file";
  /** What git is given; without password. */
  url: string;
  /** `https://git.example.com:8443`, where a token belongs; for HTTP only. */
  origin?: string;
  /** User that the URL names, if it does; for HTTP only. */
  username?: string;
  /** Password that the URL carries, if it does. */
  password?: string;
  /** `git.example.com`, `[git.example.com]:2222`: how known_hosts names it; for ssh only. */
  host?: string;
  /** Absolute path; for files only. */
  path?: string;
}

// What can't be in a URL, and would break a line that names it.
const UNUSABLE = /[\u0000-\u0020\u007f]|^-/;

/**
 * Reads the URL of a remote: http(s), ssh (also `git@host:path`), file, or an absolute path.
 *
 * @throws SluiceError `GIT_REMOTE_INVALID`
 */
export function parseRemote(text: string): Remote {
  const remote = UNUSABLE.test(text) ? undefined : (ofPath(text) ?? ofUrl(text) ?? ofShort(text));
  if (remote) return remote;
  throw new SluiceError(
    "GIT_REMOTE_INVALID",
    `${JSON.stringify(withoutPassword(text).slice(0, 200))}: expected the URL of a git remote over https, http, ssh or file`,
    { hint: "name it in the pipeline file: git.remote: https://github.com/acme/shop.git" },
  );
}

/** A URL as it may be shown. */
function withoutPassword(text: string): string {
  return text.replace(/\/\/[^/@]*@/, "//***@");
}

function ofPath(text: string): Remote | undefined {
  return text.startsWith("/") ? { transport: "file", url: text, path: text } : undefined;
}

function ofUrl(text: string): Remote | undefined {
  if (!/^(?:https?|ssh|file):\/\//.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const { password } = url;
  url.password = "";
  if (url.protocol === "file:") {
    const path = decodeURIComponent(url.pathname);
    return url.host === "" && !path.includes("\0")
      ? { transport: "file", url: path, path }
      : undefined;
  }
  if (url.hostname === "" || url.hostname.startsWith("-") || url.username.startsWith("-")) {
    return undefined;
  }
  if (url.protocol === "ssh:") {
    const host = url.port === "" ? url.hostname : `[${url.hostname}]:${url.port}`;
    return { transport: "ssh", url: url.href, host };
  }
  const { username } = url;
  url.username = "";
  return {
    transport: "http",
    url: url.href,
    origin: url.origin,
    ...(username === "" ? {} : { username: decodeURIComponent(username) }),
    ...(password === "" ? {} : { password: decodeURIComponent(password) }),
  };
}

/** `git@host:path` */
function ofShort(text: string): Remote | undefined {
  const [, host] = /^(?:\w[\w.-]*@)?(\w[\w.-]+):(?!\/\/|:|-)./.exec(text) ?? [];
  return host === undefined ? undefined : { transport: "ssh", url: text, host };
}
