import { describe, expect, it } from "vitest";
import { healthHint, healthOf } from "../../.dagger/src/deploy/container-apps/health.ts";
import { revisionLogs } from "../../.dagger/src/deploy/container-apps/log-stream.ts";
import type { Work } from "../../.dagger/src/deploy/container-apps/work.ts";
import type { Replica, Revision } from "../../.dagger/src/deploy/container-apps/model.ts";

const wanted = [{ name: "api", image: "ghcr.io/acme/api@sha256:b" }];

function revision(more: Partial<Revision["properties"]> = {}): Revision {
  return {
    name: "shop-api--sb",
    properties: {
      ...{ active: true, healthState: "Healthy", provisioningState: "Provisioned" },
      ...{ runningState: "Running", template: { containers: wanted } },
      ...more,
    },
  };
}

function replicas(...ready: boolean[]): Replica[] {
  return ready.map((is, index) => ({
    name: `r${index}`,
    properties: {
      containers: [{ name: "api", ready: is, runningState: is ? "Running" : "Waiting" }],
    },
  }));
}

describe("the health of a revision", () => {
  it.each([
    ["runs with all its replicas", {}, replicas(true, true)],
    ["runs at its maximum scale", { runningState: "RunningAtMaxScale" }, replicas(true)],
    ["sleeps, as nothing is asked of it", { runningState: "ScaledToZero", replicas: 0 }, []],
  ])("is good when it %s", (_, more, seen) => {
    expect(healthOf(revision(more), seen, wanted, true)).toEqual({ state: "healthy" });
  });

  it.each([
    ["it is being made", { provisioningState: "Provisioning" }, replicas(true)],
    ["nothing is known of its health yet", { healthState: "None" }, replicas(true)],
    ["its state is still being found out", { runningState: "Processing" }, replicas(true)],
    ["it has no replica yet", {}, []],
    ["one of its replicas is not ready", {}, replicas(true, false)],
  ])("is waited for when %s", (_, more, seen) => {
    expect(healthOf(revision(more), seen, wanted, true).state).toBe("starting");
  });

  it.each([
    { healthState: "Unhealthy" },
    { runningState: "Degraded" },
    { runningState: "Failed" },
    { runningState: "ActivationFailed" },
    { runningState: "Stopped" },
  ])("may get better after %j", (more) => {
    expect(healthOf(revision(more), replicas(true), wanted, true).state).toBe("failing");
  });

  it("is lost when it could not be made", () => {
    const failed = revision({ provisioningState: "Failed", provisioningError: "no quota" });
    expect(healthOf(failed, [], wanted, true)).toEqual({
      state: "failed",
      why: "provisioning Failed; running Running; health Healthy; no quota",
    });
  });

  it("is lost when it runs another image than it has to", () => {
    const other = revision({
      template: { containers: [{ name: "api", image: "ghcr.io/acme/x" }] },
    });
    expect(healthOf(other, replicas(true), wanted, true)).toEqual({
      state: "failed",
      why: "its container api is not ghcr.io/acme/api@sha256:b",
    });
  });

  it("needs no probe where there is no ingress, and still every container", () => {
    const unprobed = revision({ healthState: "None" });
    expect(healthOf(unprobed, replicas(true), wanted, false).state).toBe("healthy");
    expect(healthOf(unprobed, replicas(false), wanted, false).state).toBe("starting");
  });
});

describe("the hint for a revision that fails", () => {
  it.each([
    ["Failed to pull image: unauthorized", /az containerapp registry set/],
    ["manifest unknown", /az containerapp registry set/],
    ["CrashLoopBackOff", /read the container's log/],
  ])("after %j", (why, hint) => {
    expect(healthHint(why)).toMatch(hint);
  });
});

describe("the log of a revision", () => {
  const workOf = (url: string, plainHttp: boolean) =>
    ({
      plainHttp,
      scrub: (text: string) => text,
      arm: {
        replicas: () =>
          Promise.resolve([
            { name: "r0", properties: { containers: [{ name: "api", logStreamEndpoint: url }] } },
          ]),
        logToken: () => Promise.resolve("secret"),
      },
    }) as unknown as Work;

  it.each([
    ["http://logs.example.com/api/logstream", true],
    ["http://127.0.0.1:1/api/logstream", false],
  ])("is not asked of %s, where its token could be read", async (url, plainHttp) => {
    expect(await revisionLogs(workOf(url, plainHttp), "shop-api", "shop-api--sb")).toBe(
      `== r0/api\n(the log can't be read: ${new URL(url).origin} is not reached over https)`,
    );
  });
});
