import { describe, expect, test } from "vitest";
import { settled } from "../../.dagger/src/deploy/fly/settle.ts";
import {
  describe as describeMachines,
  isGood,
  remarks,
  type Running,
  verdictOn,
} from "../../.dagger/src/deploy/fly/verdict.ts";
import { virtualClock } from "../support/virtualClock.ts";

const wanted = `sha256:${"2".repeat(64)}`;
const other = `sha256:${"1".repeat(64)}`;
const passing = { name: "http", status: "passing", output: "200 OK" };
const critical = { name: "http", status: "critical", output: "connection\n refused" };

function machine(changes: Partial<Running> = {}): Running {
  const image = `ghcr.io/acme/web@${wanted}`;
  return {
    ...{ id: "148e", state: "started", region: "fra", digest: wanted, image, release: 2 },
    ...{ checks: [passing], ...changes },
  };
}

describe("a verdict", () => {
  test.each<[string, boolean, Running[]]>([
    ["every machine runs the digest and its checks pass", true, [machine(), machine()]],
    [
      "a machine sleeps, whatever its checks say",
      true,
      [machine({ state: "stopped", checks: [critical] })],
    ],
    ["there is no machine", false, []],
    ["one machine runs another digest", false, [machine(), machine({ digest: other })]],
    [
      "a machine that sleeps has another digest",
      false,
      [machine(), machine({ state: "stopped", digest: other })],
    ],
    ["nobody knows what a machine runs", false, [machine({ digest: undefined })]],
    ["a check doesn't pass", false, [machine({ checks: [passing, critical] })]],
    ["a machine is on its way", false, [machine({ state: "replacing" })]],
    ["a machine failed", false, [machine({ state: "failed" })]],
  ])("where %s is good: %s", (_, good, machines) => {
    expect(isGood(verdictOn(machines, wanted, []))).toBe(good);
  });

  test("is about the regions that were deployed to", () => {
    const machines = [machine(), machine({ region: "syd", digest: other })];
    expect(isGood(verdictOn(machines, wanted, ["fra"]))).toBe(true);
    expect(isGood(verdictOn(machines, wanted, ["syd"]))).toBe(false);
    expect(isGood(verdictOn(machines, wanted, ["ams"]))).toBe(false);
  });

  test("never calls machines without checks passing", () => {
    const verdict = verdictOn([machine({ checks: [] }), machine()], wanted, []);
    expect(remarks(verdict)).toEqual([
      "1 machine started, all health checks pass",
      "1 machine started without any health check: Fly.io can't say whether it answers",
    ]);
  });

  test("tells of each machine, and what its checks say, a line each", () => {
    expect(
      describeMachines([machine({ checks: [passing, critical] }), machine({ digest: undefined })]),
    ).toBe(
      [
        "machine 148e (fra): started, runs 222222222222",
        "  check http is critical: connection refused",
        "machine 148e (fra): started, runs an unknown digest",
      ].join("\n"),
    );
  });
});

describe("waiting for machines", () => {
  /** Looks that follow each other; the last one stays. */
  function session(...looks: Running[][]) {
    const seen = { looks: 0 };
    const look = async () => {
      seen.looks += 1;
      return { version: 2, machines: looks[Math.min(seen.looks, looks.length) - 1] ?? [] };
    };
    return { look, seen };
  }
  const settling = (patienceMs: number, signal = new AbortController().signal) => ({
    ...{ digest: wanted, regions: [], patienceMs, signal },
  });

  test("ends with the first look that is good", async () => {
    const unwell = [machine({ checks: [critical] })];
    const { look, seen } = session(unwell, unwell, [machine()], unwell);
    expect(isGood(await settled({ look }, settling(60_000), virtualClock()))).toBe(true);
    expect(seen.looks).toBe(3);
  });

  test("ends when time is up", async () => {
    const { look } = session([machine({ checks: [critical] })]);
    const clock = virtualClock();
    const began = clock.now();
    expect(isGood(await settled({ look }, settling(60_000), clock))).toBe(false);
    expect(clock.now() - began).toBe(60_000);
  });

  test("is short for another digest: nobody but flyctl would change it", async () => {
    const { look } = session([machine({ digest: other })]);
    const clock = virtualClock();
    const began = clock.now();
    await settled({ look }, settling(60_000), clock);
    expect(clock.now() - began).toBe(10_000);
  });

  test("is a single look without patience, or when somebody asked to stop", async () => {
    const impatient = session([machine({ digest: other })]);
    await settled(impatient, settling(0), virtualClock());
    expect(impatient.seen.looks).toBe(1);
    const stopped = session([machine({ digest: other })]);
    await settled(stopped, settling(60_000, AbortSignal.abort()), virtualClock());
    expect(stopped.seen.looks).toBe(1);
  });
});
