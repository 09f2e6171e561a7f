/** How to reach a Docker Engine API. */
export type Endpoint =
  | { kind: "socket"; path: string }
  | { kind: "tcp"; host: string; port: number; tls?: TlsMaterial }
  | { kind: "ssh"; destination: string; port?: number };

export interface TlsMaterial {
  ca?: Buffer;
  cert?: Buffer;
  key?: Buffer;
}

/** For messages: `unix:///var/run/docker.sock`. Holds no secret. */
export function describeEndpoint(endpoint: Endpoint): string {
  switch (endpoint.kind) {
    case "socket":
      return endpoint.path.startsWith("//./pipe/")
        ? `npipe://${endpoint.path}`
        : `unix://${endpoint.path}`;
    case "tcp":
      return `tcp://${endpoint.host}:${endpoint.port}${endpoint.tls ? " (TLS)" : ""}`;
    case "ssh":
      return `ssh://${endpoint.destination}${endpoint.port === undefined ? "" : `:${endpoint.port}`}`;
  }
}

/**
 * Reads what `DOCKER_HOST` and docker contexts hold. Throws an Error that says what is wrong with
 * it; `tls` is added to TCP addresses.
 */
export function parseEndpoint(address: string, tls?: TlsMaterial): Endpoint {
  if (address.startsWith("unix://")) {
    return { kind: "socket", path: address.slice("unix://".length) || "/var/run/docker.sock" };
  }
  if (address.startsWith("npipe://")) {
    return { kind: "socket", path: address.slice("npipe://".length) || "//./pipe/docker_engine" };
  }
  const url = parseUrl(address.includes("://") ? address : `tcp://${address}`);
  if (url.protocol === "ssh:") {
    const user = url.username === "" ? "" : `${decodeURIComponent(url.username)}@`;
    return {
      kind: "ssh",
      destination: `${user}${url.hostname}`,
      ...(url.port === "" ? {} : { port: Number(url.port) }),
    };
  }
  if (!["tcp:", "http:", "https:"].includes(url.protocol)) {
    throw new Error(`expected unix://, npipe://, tcp:// or ssh://, got ${url.protocol}//`);
  }
  const secure = tls !== undefined || url.protocol === "https:";
  return {
    kind: "tcp",
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? (secure ? 2376 : 2375) : Number(url.port),
    ...(secure ? { tls: tls ?? {} } : {}),
  };
}

function parseUrl(address: string): URL {
  try {
    return new URL(address);
  } catch {
    throw new Error("expected an address such as unix:///var/run/docker.sock or tcp://host:2375");
  }
}
