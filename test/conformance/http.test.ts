import { createHash } from "node:crypto";
import { dag, type Service } from "@dagger.io/dagger";
import { describe, expect, test } from "vitest";
import { debian, nonce } from "../support/containers.ts";
import { page } from "../support/web.ts";
import { webServer } from "../support/webServer.ts";

/** A server of this host as the engine reaches it. */
async function server(
  ...handler: Parameters<typeof webServer>
): Promise<{ origin: string; service: Service }> {
  const port = await webServer(...handler);
  const service = dag.host().service([{ frontend: 80, backend: port }]);
  return { origin: `http://${await service.hostname()}`, service };
}

const sha256 = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;

describe("dag.http", () => {
  test("answers a file with the content, named after the path, for its owner only", async () => {
    const { origin, service } = await server((_, response) => response.end("content"));
    const file = dag.http(`${origin}/some/thing.txt?query=1`, { experimentalServiceHost: service });
    expect(await file.contents()).toBe("content");
    expect(await file.name()).toBe("thing.txt");
    expect(await file.stat().permissions()).toBe(0o600);
  });

  test("name and permissions can be chosen", async () => {
    const { origin, service } = await server((_, response) => response.end("#!/bin/sh\n"));
    const file = dag.http(`${origin}/`, {
      experimentalServiceHost: service,
      name: "run.sh",
      permissions: 0o755,
    });
    expect(await file.name()).toBe("run.sh");
    const listed = debian().withFile("/run.sh", file).withExec(["stat", "-c", "%a", "/run.sh"]);
    expect(await listed.stdout()).toBe("755\n");
  });

  test("is byte for byte what was served", async () => {
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => (index * 31) % 256));
    const { origin, service } = await server((_, response) => response.end(bytes));
    const file = dag.http(`${origin}/bytes`, { experimentalServiceHost: service });
    const ran = debian().withFile("/bytes", file).withExec(["sha256sum", "/bytes"]);
    expect(await ran.stdout()).toContain(createHash("sha256").update(bytes).digest("hex"));
  });

  test("a checksum is checked", async () => {
    const { origin, service } = await server((_, response) => response.end("content"));
    const get = (checksum: string) =>
      dag.http(`${origin}/f`, { experimentalServiceHost: service, checksum }).contents();
    expect(await get(sha256("content"))).toBe("content");
    const wrong = sha256("something else");
    await expect(get(wrong)).rejects.toThrow(`expected ${wrong}`);
    await expect(get("not-a-digest")).rejects.toThrow('invalid checksum "not-a-digest"');
  });

  test("authHeader is sent, and without it a guarded file is an error with the status", async () => {
    const { origin, service } = await server((request, response) => {
      const allowed = request.headers.authorization === "Bearer the-token-of-this-test";
      response.writeHead(allowed ? 200 : 401).end(allowed ? "for you" : "no");
    });
    const url = `${origin}/guarded-${nonce()}`;
    await expect(dag.http(url, { experimentalServiceHost: service }).contents()).rejects.toThrow(
      "401",
    );
    const authHeader = dag.setSecret("http-token", "Bearer the-token-of-this-test");
    expect(await dag.http(url, { experimentalServiceHost: service, authHeader }).contents()).toBe(
      "for you",
    );
  });

  test.each([404, 500])("status %i is an error that says so", async (status) => {
    const { origin, service } = await server((_, response) =>
      response.writeHead(status).end("page"),
    );
    await expect(
      dag.http(`${origin}/x`, { experimentalServiceHost: service }).contents(),
    ).rejects.toThrow(String(status));
  });

  test("a redirect is followed", async () => {
    const { origin, service } = await server((request, response) => {
      if (request.url === "/old") response.writeHead(302, { location: "/new" }).end();
      else response.end(`at ${request.url ?? ""}`);
    });
    const file = dag.http(`${origin}/old`, { experimentalServiceHost: service });
    expect(await file.contents()).toBe("at /new");
  });

  test("a server that is not there is an error", async () => {
    await expect(dag.http("http://127.0.0.1:1/x").contents()).rejects.toThrow(
      /127\.0\.0\.1:1|refused/,
    );
  });

  test("reaches a container that runs as a service", async () => {
    const service = page("served by a container").asService();
    const url = `http://${await service.endpoint()}/index.html`;
    expect(await dag.http(url, { experimentalServiceHost: service }).contents()).toBe(
      "served by a container",
    );
  });
});
