import type { ComposePlatform } from "../../pipeline/model.ts";
import type { DeploymentWanted } from "../deployer.ts";
import type { Address } from "./address.ts";
import { commandLine } from "../command-line.ts";
import type { Stack } from "./stack.ts";

/** What is known of a host before anything is done there. */
export interface Seen {
  address: Address;
  stack: Stack;
  /** Digest by service, as it runs there now. */
  running: Readonly<Record<string, string>>;
}

/** What a deployment would do, a line each. */
export function plannedLines(
  { migrate, maintenance, waitTimeoutMs }: ComposePlatform,
  { kind, images }: DeploymentWanted,
  { address, stack, running }: Seen,
): string[] {
  const compose = ["docker", "compose", "--project-name", stack.project];
  const migration = kind === "deployment" ? migrate : undefined;
  const runs = ["run", "--rm", "--no-deps", "-T"];
  const up = ["up", "--detach", "--wait", "--wait-timeout", String(seconds(waitTimeoutMs))];
  return [
    `on ${address.text}, in ${stack.home}`,
    ...images.map(({ service, digest }) => `${service}: ${change(running[service], digest)}`),
    commandLine([...compose, "pull", "--policy", "missing", ...images.map((one) => one.service)]),
    ...(maintenance ? [commandLine(maintenance.on)] : []),
    ...(migration
      ? [commandLine([...compose, ...runs, migration.service, ...migration.command])]
      : []),
    commandLine([...compose, ...up, "--remove-orphans"]),
    ...(maintenance ? [commandLine(maintenance.off)] : []),
  ];
}

/** Whole seconds, at least one. */
export function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}

function change(now: string | undefined, wanted: string): string {
  if (now === undefined) return `starts as ${wanted}`;
  return now === wanted ? `stays ${wanted}` : `${now} -> ${wanted}`;
}
