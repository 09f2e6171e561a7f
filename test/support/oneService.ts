import type { Files } from "./releaseRepository.ts";

/** An image with a page on 8080 and a script that answers one HTTP request. */
export const serviceImage: Files = {
  Dockerfile: [
    "FROM busybox:1.37.0-musl",
    "COPY srv /srv",
    'CMD ["sh", "-c", "echo serving; exec httpd -f -p 8080 -h /srv"]',
    "",
  ].join("\n"),
  "srv/healthz": "ok",
  // answer STATUS TEXT [SECONDS]: reads a request from standard input, answers after a while.
  "srv/answer": [
    "while read -r line && [ ${#line} -gt 1 ]; do :; done",
    'sleep "${3:-0}"',
    'printf "HTTP/1.1 $1 Status\\r\\nConnection: close\\r\\n\\r\\n%s\\n" "$2"',
    "",
  ].join("\n"),
};

/** A pipeline file of one service or job, `backend`. */
export function pipelineFile(
  name: string,
  service: Readonly<Record<string, unknown>>,
  registries: readonly string[],
): string {
  // JSON is YAML, too.
  return `${JSON.stringify(
    {
      version: 1,
      name,
      services: { backend: service },
      registries: Object.fromEntries(
        registries.map((host, index) => [`r${index + 1}`, { address: `${host}/app` }]),
      ),
      channels: { prod: {} },
    },
    null,
    2,
  )}\n`;
}

/** The image as it should be used. */
export const healthyService = { port: 8080, probe: { path: "/healthz", deadline: "10s" } };

/** Arguments of a shell that runs a script. */
export function shell(script: string): string[] {
  return ["sh", "-c", script];
}
