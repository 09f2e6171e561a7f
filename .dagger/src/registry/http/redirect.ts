import { isIP } from "node:net";
import { RegistryError } from "../failure.ts";

/**
 * Where a redirect leads. A registry on the internet must not lead to this machine or its network,
 * nor from HTTPS to HTTP. Throws `REGISTRY_REDIRECT`.
 */
export function redirectTarget(from: URL, location: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (!to || !["http:", "https:"].includes(to.protocol)) {
    throw new RegistryError("REGISTRY_REDIRECT", `${from.host} redirects to no usable address`);
  }
  if (from.protocol === "https:" && to.protocol !== "https:") {
    throw new RegistryError(
      "REGISTRY_REDIRECT",
      `${from.host} redirects to plain HTTP on ${to.host}`,
    );
  }
  if (isInternal(to.hostname) && !isInternal(from.hostname)) {
    throw new RegistryError(
      "REGISTRY_REDIRECT",
      `${from.host} redirects to the internal host ${to.host}`,
    );
  }
  return to;
}

/** Whether a host is on this machine or in a private network. Names are judged as they are written. */
export function isInternal(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "").toLowerCase();
  if (isIP(host) === 4) return isInternalIPv4(host);
  if (isIP(host) === 6) {
    return /^(?:::1?$|f[cd]|fe[89ab]|::ffff:)/.test(host);
  }
  return host === "localhost" || host.endsWith(".localhost") || !host.includes(".");
}

function isInternalIPv4(host: string): boolean {
  const [a = 0, b = 0] = host.split(".").map(Number);
  return (
    a === 0 ||
    a === 10 ||
    a === 127 ||
    (a === 100 && b >= 64 && b < 128) ||
    (a === 169 && b === 254) ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168)
  );
}
