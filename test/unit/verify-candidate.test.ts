import { afterEach, beforeAll, describe, expect, test } from "vitest";
import type {
  Dependency,
  JobUnderTest,
  ServiceUnderTest,
  VerifyInput,
} from "../../.dagger/src/verify/input.ts";
import { verificationSchema } from "../../.dagger/src/verify/model.ts";
import { verifyCandidate, type VerificationRun } from "../../.dagger/src/verify/verify.ts";
import { busyboxImage, docker, DockerStage } from "../support/dockerStage.ts";

let image = "";
beforeAll(async () => {
  image = await busyboxImage();
  return () => docker("rmi", image);
});

const digest = `sha256:${"a".repeat(64)}`;
const ref = `registry.example/app@${digest}`;
let stage = new DockerStage({ image });
afterEach(() => stage.close());

/** Reads a request to its end: to close with a part unread would cut the answer off. */
const readRequest = 'read -r _ path _; while IFS= read -r line && [ "${#line}" -gt 1 ]; do :; done';

/** A shell script as a command; `answer STATUS BODY [PORT]` in it serves that answer. */
function sh(script: string): string[] {
  const handler = `${readRequest}; printf "HTTP/1.0 $1 X\\r\\n\\r\\n$2"`;
  const answer =
    `answer() { handler='${handler}'; ` +
    '/.sluice/busybox nc -ll -p "${3-8080}" -e sh -c "$handler" - "$1" "$2"; }';
  return ["sh", "-c", `${answer}; ${script}`];
}

// Long enough for a busy machine: what is healthy does not wait for it.
const probes = [{ path: "/healthz", deadlineMs: 30_000 }];

function service(name: string, script: string, more: Partial<ServiceUnderTest> = {}) {
  return { name, ref, port: 8080, probes, command: sh(script), ...more };
}
function job(name: string, script: string, more: Partial<JobUnderTest> = {}): JobUnderTest {
  return { name, ref, command: sh(script), ...more };
}
function dependency(name: string, script: string, more: Partial<Dependency> = {}): Dependency {
  return { name, image, command: sh(script), ...more };
}

async function verify(input: Partial<VerifyInput>): Promise<VerificationRun> {
  stage = new DockerStage({ image });
  const run = await verifyCandidate({ commit: "c0ffee", services: [], stage, ...input });
  // Whatever a verification says can be stored and read again.
  expect(verificationSchema.parse(JSON.parse(JSON.stringify(run.verification)))).toEqual(
    run.verification,
  );
  return run;
}

describe("a candidate passes", () => {
  test("when its services answer, its dependencies are ready, and its jobs exit 0", async () => {
    const { verification, logs } = await verify({
      dependencies: [dependency("db", "echo db up; answer 200 rows 5432", { port: 5432 })],
      services: [
        service("backend", "echo backend up; answer 200 ok", { needs: ["db"] }),
        service("frontend", "answer 200 page", { needs: ["backend"] }),
      ],
      jobs: [
        job("scraper", "/.sluice/busybox wget -qO- http://backend:8080/ && echo; echo done", {
          needs: ["backend", "frontend"],
        }),
      ],
    });
    expect(verification.reason).toMatch(/^2 services healthy, 1 job passed in /);
    expect(verification.passed).toBe(true);
    expect(verification.digests).toEqual({ backend: digest, frontend: digest, scraper: digest });
    expect(verification.jobs[0]).toMatchObject({ exitCode: 0, state: "passed" });
    expect(logs["backend.log"]).toBe("backend up\n");
    expect(logs["scraper.log"]).toBe("ok\ndone\n");
    const started = (name: string) =>
      [...verification.services, ...verification.dependencies].find((item) => item.name === name)
        ?.startedAtMs ?? NaN;
    expect(started("db")).toBeLessThan(started("backend"));
    expect(started("backend")).toBeLessThan(started("frontend"));
  });

  test("when its job ends with the exit code that is expected of it", async () => {
    const { verification } = await verify({ jobs: [job("check", "exit 3", { exitCode: 3 })] });
    expect(verification.passed).toBe(true);
  });

  test("only if there is something to verify", async () => {
    const { verification } = await verify({});
    expect(verification).toMatchObject({ passed: false, reason: "there was nothing to verify" });
  });
});

describe("a candidate fails", () => {
  test("as soon as a service exits, with its exit code and last words", async () => {
    const { verification, logs } = await verify({
      services: [
        service("backend", "echo starting; sleep 0.3; echo 'no DATABASE_URL' >&2; exit 7", {
          probes: [{ path: "/healthz", deadlineMs: 30_000 }],
        }),
      ],
    });
    expect(verification.reason).toBe(
      "backend: ended before it was healthy, exit code 7; its last line: no DATABASE_URL",
    );
    expect(verification.services[0]?.failure?.code).toBe("SERVICE_EXITED");
    expect(verification.durationMs).toBeLessThan(29_000);
    expect(logs["backend.log"]).toBe("starting\nno DATABASE_URL\n");
  });

  test("when a service crashes in its stability window", async () => {
    const { verification } = await verify({
      services: [
        service("backend", "answer 200 ok & sleep 1; kill %1; exit 1", {
          probes: [{ path: "/", deadlineMs: 30_000, stableForMs: 30_000, intervalMs: 50 }],
        }),
      ],
    });
    expect(verification.services[0]?.failure?.code).toBe("SERVICE_EXITED");
  });

  test("when a service crashes after it was healthy, while others go on", async () => {
    const { verification } = await verify({
      services: [service("backend", "answer 200 ok & sleep 4; exit 1")],
      // It ends after the backend did, however slowly this machine starts either.
      jobs: [job("slow", "sleep 30")],
    });
    expect(verification.services[0]?.failure).toMatchObject({
      code: "SERVICE_EXITED",
      reason: "backend: ended after it was healthy, exit code 1; it printed nothing",
    });
    expect(verification.jobs[0]?.state).toBe("passed");
  });

  test("when one path is good and another is not", async () => {
    const only =
      `${readRequest}; case $path in /healthz) s=200;; *) s=500;; esac; ` +
      'printf "HTTP/1.0 $s X\\r\\n\\r\\nat $path"';
    const { verification } = await verify({
      services: [
        {
          ...service("backend", ""),
          command: ["/.sluice/busybox", "nc", "-ll", "-p", "8080", "-e", "sh", "-c", only],
          probes: [
            { path: "/healthz", deadlineMs: 30_000 },
            { path: "/", deadlineMs: 4000 },
          ],
        },
      ],
    });
    expect(verification.services[0]?.probes.map(({ passed }) => passed)).toEqual([true, false]);
    expect(verification.reason).toBe(
      "backend: expected status 200 from GET :8080/ within 4 s, got status 500: at /",
    );
  });

  test("when a service listens on another port, which is named", async () => {
    const { verification } = await verify({
      services: [
        service("backend", "answer 200 ok 9090", { probes: [{ path: "/", deadlineMs: 4000 }] }),
      ],
    });
    expect(verification.services[0]?.failure).toMatchObject({
      code: "PROBE_TIMEOUT",
      found: "nothing listens on port 8080 (the container is running; it listens on: 9090)",
    });
  });

  test("when a service listens on loopback only", async () => {
    const { verification } = await verify({
      services: [
        service("backend", "exec /.sluice/busybox httpd -f -p 127.0.0.1:8080", {
          probes: [{ path: "/", deadlineMs: 4000 }],
        }),
      ],
    });
    expect(verification.services[0]?.failure?.found).toMatch(/open on 127\.0\.0\.1 only/);
  });

  test("when a job fails, its output kept", async () => {
    const { verification, logs } = await verify({
      jobs: [job("scraper", "echo collecting; echo 'no answer from backend' >&2; exit 2")],
    });
    expect(verification.reason).toBe(
      "scraper: expected exit code 0, got exit code 2; its last line: no answer from backend",
    );
    expect(logs["scraper.log"]).toBe("collecting\nno answer from backend\n");
  });

  test("when a job does not end in time", async () => {
    const { verification } = await verify({ jobs: [job("hung", "sleep 100", { timeoutMs: 500 })] });
    expect(verification.jobs[0]?.failure).toMatchObject({
      code: "JOB_TIMEOUT",
      reason: "hung: expected exit code 0 within 500 ms, got it still runs after 500 ms",
    });
  });

  test("when a dependency does not become ready; what needs it is not started", async () => {
    const { verification } = await verify({
      dependencies: [
        dependency("db", "exec sleep 100", {
          ready: { command: ["sh", "-c", "echo no response; exit 2"], deadlineMs: 5000 },
        }),
      ],
      services: [
        service("backend", "answer 200 ok", { needs: ["db"] }),
        service("frontend", "answer 200 ok"),
      ],
    });
    expect(verification.dependencies[0]?.failure).toMatchObject({
      code: "DEPENDENCY_NOT_READY",
      found: "exit code 2: no response",
    });
    const [backend, frontend] = verification.services;
    expect(backend).toMatchObject({
      state: "skipped",
      skippedBecause: "it needs db",
      startedAtMs: null,
    });
    expect(frontend?.state).toBe("passed");
    expect(verification.digests).toEqual({ frontend: digest });
  });

  test("with all failures that are independent of each other, the first one as the reason", async () => {
    const { verification } = await verify({
      services: [
        service("late", "sleep 1; exit 1"),
        service("early", "exit 1"),
        service("fine", "answer 200 ok"),
      ],
    });
    expect(verification.reason).toMatch(/^early: .* \(and 1 more failure\)$/);
    expect(verification.services.map(({ state }) => state)).toEqual(["failed", "failed", "passed"]);
  });

  test("without secrets in its messages and logs", async () => {
    const { verification, logs } = await verify({
      services: [service("backend", "echo key=hunter2; exit 1")],
      scrub: (text) => text.replaceAll("hunter2", "***"),
    });
    expect(JSON.stringify({ verification, logs })).not.toContain("hunter2");
    expect(verification.reason).toContain("key=***");
  });
});

describe("a verification", () => {
  test("ends when it is interrupted, and leaves no container behind", async () => {
    const begun = Date.now();
    const { verification } = await verify({
      services: [
        service("backend", "answer 503 wait", { probes: [{ path: "/", deadlineMs: 60_000 }] }),
      ],
      jobs: [job("waiting", "true", { needs: ["backend"] })],
      signal: AbortSignal.timeout(6000),
    });
    expect(Date.now() - begun).toBeLessThan(50_000);
    expect(verification.services[0]?.failure?.code).toBe("INTERRUPTED");
    expect(verification.passed).toBe(false);
    expect(stage.id("backend")).toBe("");
  });

  test("stops its containers in every case", async () => {
    let id = "";
    stage = new DockerStage({ image });
    await verifyCandidate({
      commit: "c0ffee",
      stage,
      services: [service("backend", "answer 200 ok")],
      onProgress: (line) => {
        if (line.startsWith("backend: started")) id = stage.id("backend");
      },
    });
    expect(id).not.toBe("");
    await expect(docker("inspect", id)).rejects.toThrow("No such");
  });

  test.each<[string, Partial<VerifyInput>, string]>([
    [
      "a tag",
      { services: [service("a", "", { ref: "app:latest" })] },
      "expected a reference by digest",
    ],
    [
      "a circle",
      { services: [service("a", "", { needs: ["b"] }), service("b", "", { needs: ["a"] })] },
      "a needs itself: a → b → a",
    ],
    [
      "an unknown need",
      { services: [service("a", "", { needs: ["b"] })] },
      "a needs b, which is not part",
    ],
    ["a name twice", { services: [service("a", "")], jobs: [job("a", "")] }, "a: two members"],
  ])("refuses %s", async (_, input, message) => {
    await expect(verify(input)).rejects.toThrow(message);
  });
});
