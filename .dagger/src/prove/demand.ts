import type { PipelineProbe, PipelineVersion } from "../pipeline/model.ts";
import { describeExpectation, type Expectation } from "../verify/probe/expectation.ts";
import type { ProbeTiming } from "../verify/probe/probe.ts";
import { below } from "./address.ts";
import { versionCheck, type SeenVersion } from "./version.ts";

/** Used where the pipeline says nothing; milliseconds. A public URL is asked less often than a container. */
export const provingDefaults: ProbeTiming = {
  deadlineMs: 120_000,
  stableForMs: 5_000,
  intervalMs: 1_000,
};

/** A request that a target has to answer. */
export interface Demand {
  /** `GET /healthz` */
  what: string;
  path: string;
  url: URL;
  expected: Expectation;
  /** The expectation for people. */
  described: string;
  timing: ProbeTiming;
  /** Set for the version endpoint: what it said last. */
  seen: (() => SeenVersion) | undefined;
}

/** What is asked of a target. */
export interface Demanded {
  /** Without probes and version, `/` has to answer 200. */
  probes: readonly PipelineProbe[];
  version: PipelineVersion | undefined;
  expected: { commit: string };
}

const root: PipelineProbe = {
  path: "/",
  port: undefined,
  status: [200],
  body: undefined,
  bodyPattern: undefined,
  intervalMs: undefined,
  deadlineMs: undefined,
  stableForMs: undefined,
};

/** Every request that a target has to answer, defaults filled in; its version last. */
export function demandsOf(base: URL, { probes, version, expected }: Demanded): Demand[] {
  const asked = probes.length === 0 && !version ? [root] : probes;
  const health = asked.map((probe) => demand(base, probe, expectationOf(probe), timingOf(probe)));
  if (!version) return health;
  const { expectation, seen } = versionCheck(version, expected);
  const timing = {
    ...provingDefaults,
    // It comes and stays right as long as the service it belongs to.
    ...(health.length > 0 && {
      deadlineMs: Math.max(...health.map((one) => one.timing.deadlineMs)),
      stableForMs: Math.max(...health.map((one) => one.timing.stableForMs)),
    }),
  };
  return [...health, { ...demand(base, version, expectation, timing), seen }];
}

function demand(
  base: URL,
  { path, port }: { path: string; port?: number | undefined },
  expected: Expectation,
  timing: ProbeTiming,
): Demand {
  return {
    what: `GET ${port === undefined ? "" : `:${port}`}${path}`,
    path,
    url: below(base, path, port),
    expected,
    described: describeExpectation(expected),
    timing,
    seen: undefined,
  };
}

function expectationOf({ status, body, bodyPattern }: PipelineProbe): Expectation {
  return {
    status,
    ...(body !== undefined && { body }),
    ...(bodyPattern !== undefined && { bodyPattern }),
  };
}

function timingOf({ deadlineMs, stableForMs, intervalMs }: PipelineProbe): ProbeTiming {
  return {
    deadlineMs: deadlineMs ?? provingDefaults.deadlineMs,
    // After a change each is asked at least once more: what answered first may be the old release.
    stableForMs: Math.max(1, stableForMs ?? provingDefaults.stableForMs),
    intervalMs: intervalMs ?? provingDefaults.intervalMs,
  };
}
