import type { Files } from "./releaseRepository.ts";

/**
 * An app that says at `/api/version` which commit it was deployed as.
 *
 * @param lies it names another commit than its own
 */
export function deployedApp(name: string, { lies = false } = {}): Files {
  const start = [
    "mkdir -p /srv/api",
    `commit=${lies ? "0000000000000000000000000000000000000000" : '"${SLUICE_COMMIT:-}"'}`,
    'printf \'{"environment":"%s","commit_sha":"%s","deployed_at":"%s"}\' "${SLUICE_ENVIRONMENT:-}" "$commit" "${SLUICE_DEPLOYED_AT:-}" > /srv/api/version',
    "exec httpd -f -p 8080 -h /srv",
    "",
  ];
  return {
    [`${name}/Dockerfile`]: [
      "FROM busybox:1.37.0-musl",
      "COPY . /srv",
      'CMD ["sh", "/srv/start.sh"]',
      "",
    ].join("\n"),
    [`${name}/start.sh`]: start.join("\n"),
    [`${name}/healthz`]: "ok",
    [`${name}/index.html`]: `<!doctype html><title>Shop</title><main>Welcome to ${name}</main>`,
  };
}
