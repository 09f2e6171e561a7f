import { SluiceError } from "../../core/error.ts";

/** Where a registry's API is. */
export interface RegistryAddress {
  /** Name in references and in the docker client's configuration: `docker.io`, `localhost:5000`. */
  name: string;
  base: URL;
  /** Plain HTTP: it runs on this machine or as a service of the session. */
  plain: boolean;
}

/** `dial` (host:port) is asked in place of the host that `name` means. */
export function registryAddress(name: string, dial?: string): RegistryAddress {
  const host = dial ?? (name === "docker.io" ? "registry-1.docker.io" : name);
  const plain = dial !== undefined || isLoopback(hostnameOf(host));
  return { name, plain, base: new URL(`${plain ? "http" : "https"}://${host}/`) };
}

const hostnameOf = (host: string): string => new URL(`http://${host}`).hostname;

export function isLoopback(hostname: string): boolean {
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    /^127(?:\.\d{1,3}){3}$/.test(hostname)
  );
}

/** Literal addresses of private and link-local networks. */
function isInternal(hostname: string): boolean {
  return (
    isLoopback(hostname) ||
    /^(?:10|0)\./.test(hostname) ||
    /^192\.168\./.test(hostname) ||
    /^172\.(?:1[6-9]|2\d|3[01])\./.test(hostname) ||
    /^169\.254\./.test(hostname) ||
    /^\[(?:f[cd]|fe[89ab]|::ffff:)/i.test(hostname)
  );
}

/**
 * Resolves a redirect or upload location. A registry on the network must not send us to plain HTTP
 * nor into our own network.
 */
export function followed(registry: RegistryAddress, from: URL, location: string): URL {
  const target = new URL(location, from);
  if (target.origin === registry.base.origin) return target;
  const refuse = (why: string): never => {
    throw new SluiceError(
      "REGISTRY_REDIRECT_REFUSED",
      `${registry.name} redirects to ${target.origin}, ${why}`,
      { hint: "Check the configuration of the registry." },
    );
  };
  if (target.protocol !== "https:" && target.protocol !== "http:") refuse("which is not HTTP");
  if (registry.plain) return target;
  if (target.protocol !== "https:") refuse("which is not HTTPS");
  if (isInternal(target.hostname) && !isInternal(registry.base.hostname)) {
    refuse("which is an internal address");
  }
  return target;
}
