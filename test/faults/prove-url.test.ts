import { execFile } from "node:child_process";
import type { IncomingMessage, ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { proofSchema } from "../../.dagger/src/prove/proof.ts";
import { proveUrl, type ProveOptions } from "../../.dagger/src/prove/url.ts";
import { healthProbe, newCommit, oldCommit, versionEndpoint } from "../support/publicSite.ts";
import { secureServer } from "../support/secureServer.ts";
import { webServer } from "../support/webServer.ts";

const timing = { deadlineMs: 1500, stableForMs: 300, intervalMs: 50 };

function prove(url: string, own: Partial<ProveOptions> = {}) {
  return proveUrl({
    url,
    probes: [healthProbe(timing)],
    version: versionEndpoint,
    expected: { commit: newCommit },
    ...own,
  });
}

function release(commit: string) {
  return ({ url }: IncomingMessage, response: ServerResponse): void => {
    response.end(url === "/api/version" ? JSON.stringify({ commit_sha: commit }) : "healthy");
  };
}

test("a certificate that was issued for another host is told as such", async () => {
  const { port, certificate } = await secureServer(release(newCommit), "DNS:shop.example.com");
  const script = fileURLToPath(new URL("../support/proveProcess.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--import", "tsx", script, `https://127.0.0.1:${port}`, "1500"],
    { env: { ...process.env, NODE_EXTRA_CA_CERTS: certificate } },
  );
  expect(proofSchema.parse(JSON.parse(stdout))).toMatchObject({
    passed: false,
    reason: expect.stringContaining(
      "the certificate is not valid: it was issued for another host name (ERR_TLS_CERT_ALTNAME_INVALID)",
    ) as string,
  });
});

test("the commit that runs is told where connections are cut as well", async () => {
  let asked = 0;
  const stale = release(oldCommit);
  const port = await webServer((request, response) => {
    asked += 1;
    if (asked % 3 === 0) request.destroy();
    else stale(request, response);
  });
  const proof = await prove(`http://127.0.0.1:${port}`);
  expect(proof.passed).toBe(false);
  expect(proof.reason).toContain(oldCommit);
  expect(proof.version?.attempts.some(({ error }) => error?.includes("closed without"))).toBe(true);
});

test("an interruption ends a proof at once, in the middle of an answer, and leaves no connection", async () => {
  const stop = new AbortController();
  let open = 0;
  const port = await webServer((request, response) => {
    open += 1;
    response.once("close", () => (open -= 1));
    response.write("never ends");
    if (request.url === "/api/version") stop.abort();
  });
  const proof = await prove(`http://127.0.0.1:${port}`, {
    probes: [healthProbe({ ...timing, deadlineMs: 600_000 })],
    signal: stop.signal,
  });
  expect(proof).toMatchObject({ passed: false, code: "INTERRUPTED" });
  await expect.poll(() => open, { timeout: 30_000 }).toBe(0);
});
