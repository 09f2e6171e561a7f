import { SluiceError } from "../error.ts";

/**
 * The URL where a target's users find it.
 *
 * @throws SluiceError `TARGET_URL_INVALID` for anything but http and https, and for one with
 *   credentials, which would show in messages and records; those are never repeated
 */
export function publicUrl(text: string): URL {
  const hint = "give it as https://host, with a path where the target has one, and nothing more";
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && (url.username !== "" || url.password !== "")) {
    throw new SluiceError(
      "TARGET_URL_INVALID",
      `the URL of ${url.host} has credentials, expected none`,
      { hint },
    );
  }
  if (!url || !["http:", "https:"].includes(url.protocol)) {
    // What has an @ may have a password before it.
    const shown = text.includes("@") ? "another address" : JSON.stringify(text.slice(0, 100));
    throw new SluiceError(
      "TARGET_URL_INVALID",
      `the URL of the target is ${shown}, expected one that starts with http:// or https://`,
      { hint },
    );
  }
  if (url.search !== "" || url.hash !== "") {
    throw new SluiceError(
      "TARGET_URL_INVALID",
      `the URL of ${url.host} has a query or a fragment, expected none`,
      { hint },
    );
  }
  return url;
}

/**
 * A path and query below a URL. Not `new URL(path, base)`: a path that begins with two slashes
 * would name another host, and the base's own path would be lost.
 */
export function below(base: URL, path: string, port?: number): URL {
  const [name = "/", query] = path.split(/\?(.*)/s, 2);
  const url = new URL(base);
  url.pathname = base.pathname.replace(/\/+$/, "") + name;
  url.search = query ?? "";
  if (port !== undefined) url.port = String(port);
  return url;
}
