import { SluiceError } from "../error.ts";
import { isAddress } from "../pipeline/schema/names.ts";

/** A repository in a registry. */
export interface Repository {
  /** Host and port as people write it: `docker.io`, `localhost:5000`. */
  host: string;
  /** Path within the registry: `acme/backend`, `library/nginx`. */
  path: string;
}

/** Reads `ghcr.io/acme/backend`. Throws `NAME_INVALID`. */
export function parseRepository(text: string): Repository {
  const [host = "", ...parts] = text.split("/");
  if (!isAddress(text) || parts.length === 0) {
    throw new SluiceError(
      "NAME_INVALID",
      `expected a repository such as ghcr.io/acme/backend, got ${JSON.stringify(text.slice(0, 300))}`,
    );
  }
  const known = host.toLowerCase();
  if (!DOCKER_HUB.includes(known)) return { host: known, path: parts.join("/") };
  return {
    host: "docker.io",
    path: parts.length === 1 ? `library/${parts[0] ?? ""}` : parts.join("/"),
  };
}

const DOCKER_HUB = ["docker.io", "index.docker.io", "registry-1.docker.io"];

/** One name for each registry, whatever form a Docker configuration uses: `docker.io`, `ghcr.io`. */
export function canonicalHost(text: string): string {
  const host =
    text
      .replace(/^https?:\/\//, "")
      .split("/", 1)[0]
      ?.toLowerCase() ?? "";
  return DOCKER_HUB.includes(host) ? "docker.io" : host;
}

/** Where a registry's API is. Plain HTTP on this machine only, as Docker does. */
export function apiOrigin(host: string): string {
  if (host === "docker.io") return "https://registry-1.docker.io";
  return `${isLoopback(host) ? "http" : "https"}://${host}`;
}

/** Whether a host is this machine itself. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?$/.test(host);
}
