import type { Files } from "./releaseRepository.ts";

/** Where a shop is published to. */
export interface ShopRegistry {
  name: string;
  address: string;
  /** True for one that runs as a service of the session. */
  service: boolean;
}

/** Says what it does, then answers; its database is as good as `healthz` says. */
const backend: Files = {
  "backend/Dockerfile": [
    "FROM busybox:1.37.0-musl",
    "COPY srv /srv",
    "COPY serve /serve",
    'CMD ["sh", "/serve"]',
    "",
  ].join("\n"),
  "backend/serve": 'echo "backend: connecting to the database"\nexec httpd -f -p 8080 -h /srv\n',
  "backend/srv/healthz": "ok",
  "backend/srv/items": "tea\ncoffee\n",
};

/** A page for two platforms, put together without running anything of the other one. */
const frontend: Files = {
  "frontend/Dockerfile": [
    "FROM --platform=$BUILDPLATFORM busybox:1.37.0-musl AS tools",
    "FROM scratch",
    "COPY --from=tools /bin/busybox /busybox",
    "COPY index.html /srv/index.html",
    'ENTRYPOINT ["/busybox", "httpd", "-f", "-p", "80", "-h", "/srv"]',
    "",
  ].join("\n"),
  "frontend/index.html": "<title>Shop</title>\n",
};

const scraper: Files = {
  "scraper/Dockerfile": [
    "FROM busybox:1.37.0-musl",
    'CMD ["wget", "-q", "-O", "-", "http://backend:8080/items"]',
    "",
  ].join("\n"),
};

/**
 * A small shop: a backend, a frontend that needs it, and a job that needs both. Its images are built
 * in a moment.
 */
export function shop(pipeline: string, registries: readonly ShopRegistry[]): Files {
  return {
    ...backend,
    ...frontend,
    ...scraper,
    "release.yaml": [
      "version: 1",
      `name: ${pipeline}`,
      "services:",
      "  backend:",
      "    context: backend",
      "    port: 8080",
      "    probe: { path: /healthz, body: ok, deadline: 4s }",
      "  frontend:",
      "    context: frontend",
      "    platforms: [linux/amd64, linux/arm64]",
      "    port: 80",
      "    probe: { path: /, body: <title>Shop</title>, deadline: 4s }",
      "    needs: [backend]",
      "  scraper:",
      "    context: scraper",
      "    job: { timeout: 20s }",
      "    needs: [backend, frontend]",
      "registries:",
      ...registries.map(
        ({ name, address, service }) =>
          `  ${name}: { address: ${address}${service ? ", service: {}" : ""} }`,
      ),
      "channels:",
      "  prod: {}",
      "  stable: { tag: latest, verifyFrom: two }",
      "",
    ].join("\n"),
  };
}

/** Its backend listens, and never becomes healthy. */
export const brokenBackend: Files = {
  "backend/serve":
    'echo "backend: the database refuses the password"\nexec nc -ll -p 8080 -e sh /srv/refuse\n',
  "backend/srv/refuse": [
    "while read -r line && [ ${#line} -gt 1 ]; do :; done",
    "printf 'HTTP/1.1 503 Unavailable\\r\\nConnection: close\\r\\n\\r\\n'",
    "echo the database refuses the password",
    "",
  ].join("\n"),
};
