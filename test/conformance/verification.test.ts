import { dag, type Container, type Service } from "@dagger.io/dagger";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { VerifyInput } from "../../.dagger/src/verify/input.ts";
import { DaggerStage } from "../../.dagger/src/verify/supervise/dagger-stage.ts";
import { verifyCandidate, type VerificationRun } from "../../.dagger/src/verify/verify.ts";
import { nonce } from "../support/containers.ts";
import { registryService } from "../support/registry.ts";
import { busybox, busyboxImage } from "../support/web.ts";

/** The release module's smoke verification on this session's engine: images by digest from a registry that runs as a service. */
const port = 25116;
let registry: Service;
beforeAll(async () => {
  registry = registryService({ port });
  await registry.start();
});
afterAll(() => registry.stop({ kill: true }));

/** Publishes a container; answers its reference by digest. */
async function publish(container: Container): Promise<string> {
  const address = `localhost:${port}/test/${nonce()}:latest`;
  return container.publish(address, { registryService: registry });
}

/** An image that serves a page on 8080. */
function web(): Container {
  return busybox()
    .withNewFile("/srv/healthz", "ok")
    .withNewFile("/srv/index.html", "hello")
    .withDefaultArgs(["sh", "-c", "echo serving; exec httpd -f -p 8080 -h /srv"]);
}

async function verify(input: Partial<VerifyInput>): Promise<VerificationRun> {
  return verifyCandidate({ commit: "c0ffee", services: [], stage: new DaggerStage(), ...input });
}

function underTest(name: string, ref: string) {
  return { name, ref, registryService: registry };
}

describe("a smoke verification", () => {
  test("boots services and what they need from their digests, and runs the job against them", async () => {
    const ref = await publish(web());
    const fetching = await publish(busybox().withEntrypoint(["wget", "-qO-"]));
    const { verification, logs } = await verify({
      dependencies: [
        {
          name: "cache",
          image: busyboxImage,
          command: ["sh", "-c", "sleep 0.5; exec nc -ll -p 6379 -e true"],
          port: 6379,
        },
      ],
      services: [
        {
          ...underTest("backend", ref),
          port: 8080,
          needs: ["cache"],
          probes: [
            { path: "/healthz", expect: { body: "ok" } },
            { path: "/", stableForMs: 500 },
          ],
        },
        { ...underTest("frontend", ref), port: 8080, needs: ["backend"], probes: [{ path: "/" }] },
      ],
      jobs: [
        {
          ...underTest("scraper", fetching),
          command: ["http://backend:8080/healthz"],
          needs: ["backend", "frontend"],
        },
      ],
    });
    expect(verification.reason).toMatch(/^2 services healthy, 1 job passed in /);
    expect(logs["backend.log"]).toBe("serving\n");
    expect(logs["scraper.log"]).toBe("ok");
    expect(verification.digests.backend).toBe(ref.split("@")[1]);
  });

  test("sees a crash at once, also of a user without rights, and keeps its last words", async () => {
    const ref = await publish(
      busybox()
        .withUser("1234:1234")
        .withDefaultArgs(["sh", "-c", "id -u; sleep 1; echo 'no database' >&2; exit 7"]),
    );
    const { verification } = await verify({
      services: [{ ...underTest("backend", ref), port: 8080, probes: [{ path: "/" }] }],
    });
    const [backend] = verification.services;
    expect(backend?.failure).toMatchObject({ code: "SERVICE_EXITED" });
    expect(backend?.log.lines).toEqual(["1234", "no database"]);
    const lived = (backend?.failure?.atMs ?? NaN) - (backend?.startedAtMs ?? NaN);
    expect(lived).toBeLessThan(1100);
  });

  test("neither waits for the image's HEALTHCHECK nor for ports that it only exposes", async () => {
    const ref = await publish(
      web()
        .withExposedPort(9999)
        .withDockerHealthcheck(["false"], { interval: "1s", retries: 1000 }),
    );
    const { verification } = await verify({
      services: [{ ...underTest("backend", ref), port: 8080, probes: [{ path: "/healthz" }] }],
    });
    expect(verification.reason).toMatch(/^1 service healthy/);
  });

  test("works in an image that holds nothing but a program", async () => {
    const program = busybox().file("/bin/busybox");
    const ref = await publish(
      dag
        .container()
        .withFile("/busybox", program, { permissions: 0o755 })
        .withNewFile("/srv/index.html", "hello")
        .withEntrypoint(["/busybox", "httpd", "-f", "-p", "8080", "-h", "/srv"]),
    );
    const { verification } = await verify({
      services: [{ ...underTest("backend", ref), port: 8080, probes: [{ path: "/" }] }],
    });
    expect(verification.reason).toMatch(/^1 service healthy/);
  });

  test("says where a service listens that does not listen where it should", async () => {
    const ref = await publish(web());
    const { verification } = await verify({
      services: [
        { ...underTest("backend", ref), port: 3000, probes: [{ path: "/", deadlineMs: 1000 }] },
      ],
    });
    expect(verification.services[0]?.failure?.found).toBe(
      "nothing listens on port 3000 (the container is running; it listens on: 8080)",
    );
  });

  test("boots fresh containers each time", async () => {
    const ref = await publish(
      busybox().withDefaultArgs(["sh", "-c", "cat /proc/sys/kernel/random/uuid"]),
    );
    const run = async () => (await verify({ jobs: [underTest("job", ref)] })).logs["job.log"];
    const first = await run();
    expect(first).toMatch(/^[0-9a-f-]{36}\n$/);
    expect(await run()).not.toBe(first);
  });

  test("tells an image that is not there", async () => {
    const missing = `localhost:${port}/test/none@sha256:${"0".repeat(64)}`;
    const { verification } = await verify({
      services: [{ ...underTest("backend", missing), port: 8080, probes: [{ path: "/" }] }],
    });
    expect(verification.services[0]?.failure).toMatchObject({ code: "PULL_FAILED" });
    expect(verification.reason).toContain(missing);
  });

  test("stops in seconds when it is interrupted", async () => {
    const ref = await publish(busybox().withDefaultArgs(["sleep", "1000"]));
    const begun = Date.now();
    const { verification } = await verify({
      services: [{ ...underTest("backend", ref), port: 8080, probes: [{ path: "/" }] }],
      signal: AbortSignal.timeout(3000),
    });
    expect(Date.now() - begun).toBeLessThan(10_000);
    expect(verification.services[0]?.failure?.code).toBe("INTERRUPTED");
  });
});
