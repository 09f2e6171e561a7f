import { execFile } from "node:child_process";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer as createTcpServer, type AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { compareVersions } from "../../.dagger/src/prove/compare.ts";
import { proofSchema, type Proof } from "../../.dagger/src/prove/proof.ts";
import { proveUrl, type ProveOptions } from "../../.dagger/src/prove/url.ts";
import { watchTarget } from "../../.dagger/src/prove/watch.ts";
import { healthProbe, newCommit, oldCommit, versionEndpoint } from "../support/publicSite.ts";
import { secureServer } from "../support/secureServer.ts";
import { webServer } from "../support/webServer.ts";

const quick = { deadlineMs: 1500, stableForMs: 200, intervalMs: 50 };
const patient = { ...quick, deadlineMs: 30_000 };

function prove(url: string, own: Partial<ProveOptions> = {}): Promise<Proof> {
  return proveUrl({
    url,
    probes: [healthProbe(quick)],
    version: versionEndpoint,
    expected: { commit: newCommit },
    ...own,
  });
}

/** Healthy, and of a commit. */
function release(commit: string, more: Record<string, unknown> = {}) {
  return ({ url }: IncomingMessage, response: ServerResponse): void => {
    response.end(
      url === "/api/version" ? JSON.stringify({ commit_sha: commit, ...more }) : "healthy",
    );
  };
}

const at = (port: number, scheme = "http") => `${scheme}://127.0.0.1:${port}`;

describe("a site", () => {
  test("is proven by what it answers", async () => {
    const url = at(await webServer(release(newCommit, { slot: 2 })));
    const proof = await prove(url, { probes: [healthProbe(patient)] });
    expect(proof).toMatchObject({ passed: true, version: { found: newCommit } });
    expect(proof.version?.fields).toEqual({ commit_sha: newCommit, slot: "2" });
    expect(proof.version?.attempts.length).toBeGreaterThan(1);
  });

  test("whose old release answers in turn, until it is gone, is proven after that", async () => {
    let asked = 0;
    const [before, after] = [release(oldCommit), release(newCommit)];
    const port = await webServer((request, response) => {
      if (request.url === "/api/version") asked += 1;
      (asked < 6 && asked % 2 === 1 ? before : after)(request, response);
    });
    // In the stability window the old one answers again; a proof that begins later passes.
    const first = await prove(at(port), {
      probes: [healthProbe({ ...patient, stableForMs: 5000 })],
    });
    expect(first).toMatchObject({ passed: false, code: "VERSION_MISMATCH" });
    asked = 6;
    const second = await prove(at(port), { probes: [healthProbe(patient)] });
    expect(second.passed).toBe(true);
  });

  test("that serves another commit is refused by name of both", async () => {
    const url = at(await webServer(release(oldCommit)));
    const proof = await prove(url);
    expect(proof.reason).toBe(
      `${url}/ serves commit ${oldCommit}, expected ${newCommit}, still after 1.5 s (GET /api/version)`,
    );
  });

  test("that trickles its version past the deadline is refused", async () => {
    const healthy = release(newCommit);
    const port = await webServer((request, response) => {
      if (request.url !== "/api/version") return healthy(request, response);
      response.write('{"commit_sha":"');
      const timer = setInterval(() => response.write("2a"), 200);
      response.once("close", () => clearInterval(timer));
    });
    const proof = await prove(at(port));
    expect(proof).toMatchObject({ passed: false, code: "PROBE_TIMEOUT" });
    expect(proof.reason).toMatch(/got no answer within \d+ ms$/);
    expect(proof.version?.found).toBeNull();
  });

  test("whose version never ends is refused, and no more than 64 KiB of it read", async () => {
    const healthy = release(newCommit);
    const port = await webServer((request, response) => {
      if (request.url !== "/api/version") return healthy(request, response);
      response.write('{"commit_sha":"');
      const more = (): void => {
        while (!response.destroyed && response.write("2a".repeat(5000)));
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    });
    const proof = await prove(at(port));
    expect(proof).toMatchObject({ passed: false, code: "VERSION_UNREADABLE" });
    expect(proof.reason).toContain("got more than 64 KiB instead of a small JSON object");
  });

  test("that sends its visitors to another host is refused, and nobody goes there", async () => {
    let visited = 0;
    const elsewhere = await webServer((_, response) => {
      visited += 1;
      response.end("healthy");
    });
    const port = await webServer((_, response) =>
      response.writeHead(302, { location: `${at(elsewhere)}/healthz` }).end(),
    );
    const proof = await prove(at(port));
    expect(proof).toMatchObject({ passed: false, code: "PROBE_REDIRECT" });
    expect(proof.reason).toContain(`a redirect to ${at(elsewhere)}/healthz`);
    expect(visited).toBe(0);
  });

  test("whose name nobody knows, or where nobody listens, is told as such", async () => {
    const unknown = await prove("http://shop.invalid");
    expect(unknown).toMatchObject({ passed: false, code: "PROBE_TIMEOUT" });
    expect(unknown.reason).toMatch(/no host of this name is known|can't be looked up now/);
    const refused = await prove("http://127.0.0.1:1");
    expect(refused.reason).toContain("the connection was refused");
  });
});

describe("a secure site", () => {
  test("is proven with a certificate that this machine trusts", async () => {
    const { port, certificate } = await secureServer(release(newCommit));
    const script = fileURLToPath(new URL("../support/proveProcess.ts", import.meta.url));
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--import", "tsx", script, at(port, "https"), "30000"],
      { env: { ...process.env, NODE_EXTRA_CA_CERTS: certificate } },
    );
    const proof = proofSchema.parse(JSON.parse(stdout));
    expect(proof.reason).toContain(`serves commit ${newCommit}`);
    expect(proof.passed).toBe(true);
  });

  test("with a certificate that it signed itself is refused", async () => {
    const { port } = await secureServer(release(newCommit));
    const proof = await prove(at(port, "https"));
    expect(proof).toMatchObject({ passed: false, code: "PROBE_TIMEOUT", version: { found: null } });
    expect(proof.reason).toContain(
      "got the certificate is not valid: it is self-signed (DEPTH_ZERO_SELF_SIGNED_CERT)",
    );
  });

  test("that is none is told as such", async () => {
    const proof = await prove(at(await webServer(release(newCommit)), "https"));
    expect(proof.reason).toContain("got what answers does not speak TLS as it should (EPROTO)");
  });

  test("that answers with silence is given up at the deadline", async () => {
    const server = createTcpServer(() => undefined).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    onTestFinished(() => void server.close());
    const proof = await prove(at((server.address() as AddressInfo).port, "https"));
    expect(proof.reason).toMatch(/got no answer within \d+ ms/);
  });
});

test("several places are compared at once, those that are out of reach included", async () => {
  const [staging, live] = await Promise.all([
    webServer(release(newCommit, { environment: "staging", slot: 1 })),
    webServer(release(oldCommit, { environment: "live" })),
  ]);
  const silent = await webServer(() => undefined);
  const comparison = await compareVersions(
    [
      { place: "staging/1", url: at(staging), version: versionEndpoint },
      { place: "live", url: at(live), version: versionEndpoint },
      { place: "edge", url: at(silent), version: versionEndpoint },
    ],
    { timeoutMs: 300 },
  );
  expect(comparison.places.map(({ commit, error }) => [commit, error])).toEqual([
    [newCommit, null],
    [oldCommit, null],
    [null, "GET /api/version: no answer within 300 ms"],
  ]);
  expect(comparison.rows.find(({ name }) => name === "environment")?.values).toEqual([
    "staging",
    "live",
    null,
  ]);
});

test("a watched site that goes away is noticed", async () => {
  let asked = 0;
  const healthy = release(newCommit);
  const port = await webServer((request, response) => {
    asked += 1;
    if (asked < 5) healthy(request, response);
    else request.destroy();
  });
  const watch = await watchTarget({
    url: at(port),
    probes: [healthProbe()],
    version: undefined,
    expected: { commit: newCommit },
    forMs: 30_000,
    everyMs: 50,
  });
  expect(watch).toMatchObject({ passed: false, code: "WATCH_FAILING", checks: 7 });
  expect(watch.reason).toContain("got the connection was closed without an answer");
});
