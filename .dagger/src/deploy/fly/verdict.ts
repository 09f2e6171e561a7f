import { shortDigest } from "../../registry/digest.ts";
import type { Machine } from "./app-state.ts";

/** A machine with what it runs, as candidates name it. */
export interface Running extends Machine {
  digest: string | undefined;
}

/** Machines of an app by what they say of a deployment. */
export interface Verdict {
  /** All that the deployment is about. */
  machines: readonly Running[];
  /** Not of the wanted digest, or nobody knows of which. */
  others: readonly Running[];
  /** Of the wanted digest, with a check that doesn't pass, or in no sound state. */
  failing: readonly Running[];
  started: readonly Running[];
}

/** States that a machine can be left in: those that are stopped are started when they are needed. */
const RESTING = ["started", "stopped", "suspended"];

/** @param regions where it was deployed to; empty: all */
export function verdictOn(
  all: readonly Running[],
  wanted: string,
  regions: readonly string[],
): Verdict {
  const machines = all.filter(({ region }) => regions.length === 0 || regions.includes(region));
  return {
    machines,
    others: machines.filter(({ digest }) => digest !== wanted),
    failing: machines.filter((one) => one.digest === wanted && !isSound(one)),
    started: machines.filter(({ state }) => state === "started"),
  };
}

/** Whether every machine runs the wanted digest, and nothing speaks against it. */
export function isGood({ machines, others, failing }: Verdict): boolean {
  return machines.length > 0 && others.length === 0 && failing.length === 0;
}

function isSound({ state, checks }: Running): boolean {
  if (!RESTING.includes(state)) return false;
  return state !== "started" || checks.every(({ status }) => status === "passing");
}

/** What people should know about a deployment that is good. */
export function remarks({ machines, started }: Verdict): string[] {
  const passing = started.filter(({ checks }) => checks.length > 0).length;
  const unchecked = started.length - passing;
  const resting = machines.length - started.length;
  return [
    ...(passing > 0 ? [`${count(passing)} started, all health checks pass`] : []),
    // No checks is not the same as checks that pass.
    ...(unchecked > 0
      ? [
          `${count(unchecked)} started without any health check: Fly.io can't say whether it answers`,
        ]
      : []),
    ...(resting > 0 ? [`${count(resting)} stopped, to be started on demand`] : []),
  ];
}

/** A line for each machine: what it runs, and what its checks say. */
export function describe(machines: readonly Running[]): string {
  return machines
    .flatMap(({ id, region, state, digest, checks }) => [
      `machine ${id} (${region}): ${state}, runs ${digest === undefined ? "an unknown digest" : shortDigest(digest)}`,
      ...checks
        .filter(({ status }) => status !== "passing")
        .map(({ name, status, output }) => `  check ${name} is ${status}: ${oneLine(output)}`),
    ])
    .join("\n");
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim().slice(0, 300) || "it says nothing";
}

function count(machines: number): string {
  return machines === 1 ? "1 machine" : `${machines} machines`;
}
