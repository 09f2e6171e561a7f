import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTcpServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { afterEach, describe, expect, test } from "vitest";
import { systemClock } from "../../.dagger/src/verify/clock.ts";
import { get } from "../../.dagger/src/verify/probe/http.ts";
import {
  probe,
  type Attempt,
  type ProbeEnd,
  type ProbeTiming,
} from "../../.dagger/src/verify/probe/probe.ts";
import type { Expectation } from "../../.dagger/src/verify/probe/expectation.ts";

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** A real server; answers its base URL. */
async function serve(listener: RequestListener): Promise<{ url: string; server: Server }> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanups.push(() => close(server));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

interface Run {
  end: ProbeEnd;
  attempts: Attempt[];
  tookMs: number;
}

async function run(
  url: string,
  options: {
    expect?: Partial<Expectation>;
    timing?: Partial<ProbeTiming>;
    signal?: AbortSignal;
  } = {},
): Promise<Run> {
  const attempts: Attempt[] = [];
  const begun = Date.now();
  const end = await probe(
    new URL(url),
    { status: [200], ...options.expect },
    { deadlineMs: 30_000, stableForMs: 0, intervalMs: 250, ...options.timing },
    {
      clock: systemClock,
      get,
      signal: options.signal ?? new AbortController().signal,
      onAttempt: (attempt) => attempts.push(attempt),
      onHealthy: () => undefined,
    },
  );
  return { end, attempts, tookMs: Date.now() - begun };
}

function problemOf({ end }: Run) {
  if (end.passed || "cancelled" in end) throw new Error("the probe has no problem");
  return end.problem;
}

describe("a probe", () => {
  test("asks at once, and needs one attempt where the service is healthy", async () => {
    const { url } = await serve((_, response) => response.end("ok"));
    const { end, attempts, tookMs } = await run(url);
    expect(end.passed).toBe(true);
    expect(attempts).toHaveLength(1);
    expect(tookMs).toBeLessThan(25_000);
  });

  test("gets over a service that answers 500 before it answers 200", async () => {
    let asked = 0;
    const { url } = await serve((_, response) => {
      response.statusCode = ++asked < 4 ? 500 : 200;
      response.end("warming up");
    });
    const { end, attempts, tookMs } = await run(url);
    expect(end.passed).toBe(true);
    expect(attempts.map(({ status }) => status)).toEqual([500, 500, 500, 200]);
    expect(attempts[0]?.error).toBe("status 500: warming up");
    expect(tookMs).toBeLessThan(25_000);
  });

  test("gets over a service that listens only later", async () => {
    const { url, server } = await serve((_, response) => response.end("ok"));
    const { port } = server.address() as AddressInfo;
    await close(server);
    setTimeout(() => server.listen(port, "127.0.0.1"), 150);
    const { end, attempts } = await run(url);
    expect(end.passed).toBe(true);
    expect(attempts[0]).toMatchObject({ status: null, error: "the connection was refused" });
  });

  test("fails at its deadline with status and body of the last answer", async () => {
    const { url } = await serve((_, response) => {
      response.statusCode = 503;
      response.end(`no database\n${"x".repeat(1000)}`);
    });
    const ran = await run(`${url}/healthz`, { timing: { deadlineMs: 400 } });
    const problem = problemOf(ran);
    expect(problem).toMatchObject({ code: "PROBE_STATUS", expected: "status 200" });
    expect(problem.found).toMatch(/^status 503: no database x+…$/);
    expect(problem.found.length).toBeLessThan(330);
    expect(ran.tookMs).toBeLessThan(25_000);
  });

  test("does not wait for ever for a service that accepts and never answers", async () => {
    const server = createTcpServer(() => undefined).listen(0, "127.0.0.1");
    await once(server, "listening");
    cleanups.push(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const ran = await run(`http://127.0.0.1:${port}/`, { timing: { deadlineMs: 500 } });
    expect(problemOf(ran).code).toBe("PROBE_TIMEOUT");
    expect(problemOf(ran).found).toMatch(/^no answer within \d+ ms$/);
    expect(ran.tookMs).toBeLessThan(25_000);
  });

  test("gets over a first connection that hangs", async () => {
    let asked = 0;
    const { url } = await serve((_, response) => {
      if (++asked > 1) response.end("ok");
    });
    const { end, attempts, tookMs } = await run(url, { timing: { deadlineMs: 30_000 } });
    expect(end.passed).toBe(true);
    expect(attempts).toHaveLength(2);
    expect(tookMs).toBeLessThan(25_000);
  });

  test("waits for a slow answer that comes before the deadline", async () => {
    const { url } = await serve((_, response) => void setTimeout(() => response.end("ok"), 1500));
    const { end } = await run(url, { timing: { deadlineMs: 30_000 } });
    expect(end.passed).toBe(true);
  });

  test("judges by the begin of a body that never ends", async () => {
    const { url } = await serve((_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write("endless ".repeat(1000)));
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    });
    expect((await run(url, { expect: { body: "endless" } })).end.passed).toBe(true);
  });

  test("reports a body that is not the expected one", async () => {
    const { url } = await serve((_, response) => response.end('{"status":"degraded"}'));
    const contained = await run(url, { expect: { body: '"ok"' }, timing: { deadlineMs: 100 } });
    expect(problemOf(contained)).toEqual({
      code: "PROBE_BODY",
      expected: 'a body that contains "\\"ok\\""',
      found: '{"status":"degraded"}',
    });
    const matched = await run(url, {
      expect: { bodyPattern: "^ok$" },
      timing: { deadlineMs: 100 },
    });
    expect(problemOf(matched).code).toBe("PROBE_BODY");
    expect((await run(url, { expect: { bodyPattern: "degraded" } })).end.passed).toBe(true);
  });

  test("follows a redirect on the same host", async () => {
    const { url } = await serve((request, response) => {
      if (request.url === "/home") return response.end("home");
      response.writeHead(302, { location: "/home" }).end();
    });
    expect((await run(url, { expect: { body: "home" } })).end.passed).toBe(true);
  });

  test("reports a redirect to another host, and does not go there", async () => {
    let visited = 0;
    const elsewhere = await serve((_, response) => {
      visited++;
      response.end("ok");
    });
    const { url } = await serve((_, response) =>
      response.writeHead(301, { location: `${elsewhere.url}/login` }).end(),
    );
    const ran = await run(url, { timing: { deadlineMs: 200 } });
    expect(problemOf(ran)).toMatchObject({ code: "PROBE_REDIRECT" });
    expect(problemOf(ran).found).toContain(`a redirect to ${elsewhere.url}/login`);
    expect(visited).toBe(0);
  });

  test("reports redirects that lead in a circle", async () => {
    const { url } = await serve((_, response) => response.writeHead(302, { location: "/" }).end());
    const ran = await run(url, { timing: { deadlineMs: 200 } });
    expect(problemOf(ran).found).toBe("more than 5 redirects, the last to /");
  });

  test("takes a redirect for an answer when a redirect is expected", async () => {
    const { url } = await serve((_, response) =>
      response.writeHead(302, { location: "https://example.com/" }).end(),
    );
    expect((await run(url, { expect: { status: [302] } })).end.passed).toBe(true);
  });

  test("holds a healthy service to its answer through the stability window", async () => {
    let asked = 0;
    const { url } = await serve((_, response) => {
      response.statusCode = ++asked < 3 ? 200 : 500;
      response.end();
    });
    const ran = await run(url, { timing: { stableForMs: 30_000, intervalMs: 50 } });
    expect(ran.end).toMatchObject({ passed: false, problem: { code: "PROBE_STATUS" } });
    expect(ran.tookMs).toBeLessThan(25_000);
  });

  test("notices that a healthy service is gone within its stability window", async () => {
    const { url, server } = await serve((_, response) => response.end());
    setTimeout(() => void close(server), 150);
    const ran = await run(url, { timing: { stableForMs: 30_000, intervalMs: 50 } });
    expect(ran.end).toMatchObject({ passed: false, problem: { code: "PROBE_TIMEOUT" } });
    expect(ran.tookMs).toBeLessThan(25_000);
  });

  test("keeps asking until the stability window ends", async () => {
    const { url } = await serve((_, response) => response.end());
    const { end, attempts, tookMs } = await run(url, {
      timing: { stableForMs: 1500, intervalMs: 100 },
    });
    expect(end.passed).toBe(true);
    expect(attempts.length).toBeGreaterThanOrEqual(4);
    expect(tookMs).toBeGreaterThanOrEqual(1500);
  });

  test("is cancelled in the middle of an attempt", async () => {
    const { url } = await serve(() => undefined);
    const ran = await run(url, {
      timing: { deadlineMs: 60_000 },
      signal: AbortSignal.timeout(100),
    });
    expect(ran.end).toMatchObject({ passed: false, cancelled: true });
    expect(ran.tookMs).toBeLessThan(25_000);
  });

  test("closes its connections", async () => {
    const { url, server } = await serve((_, response) => response.end());
    await run(url, { timing: { stableForMs: 200, intervalMs: 20 } });
    await expect
      .poll(() => new Promise((resolve) => server.getConnections((_, count) => resolve(count))))
      .toBe(0);
  });
});
