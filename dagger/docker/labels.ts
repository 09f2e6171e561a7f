import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** What an object of the engine is for; `cache` and `cache-image` outlive the session. */
export type ObjectKind =
  "exec" | "service" | "reader" | "volume" | "network" | "build" | "cache" | "cache-image";

/** Says what a stand-in really is; shown by `docker inspect` and carried by images built on it. */
export const STAND_IN_LABEL = "dev.sluice.stand-in";

export const LABEL = {
  session: "dev.sluice.session",
  pid: "dev.sluice.pid",
  host: "dev.sluice.host",
  /** Tells a process from a later one with the same pid; see {@link processStart}. */
  started: "dev.sluice.started",
  kind: "dev.sluice.kind",
  key: "dev.sluice.key",
} as const;

/** Labels of everything that has to go when the session `id` ends. */
export function sessionLabels(id: string, kind: ObjectKind, key?: string): Record<string, string> {
  return {
    [LABEL.session]: id,
    [LABEL.pid]: String(process.pid),
    [LABEL.host]: hostname(),
    [LABEL.started]: processStart(process.pid) ?? "",
    [LABEL.kind]: kind,
    ...(key === undefined ? {} : { [LABEL.key]: key }),
  };
}

/**
 * True when the process that made the object ran on this host and is gone. An object of another
 * host, or one that does not say, is never called abandoned.
 */
export function isAbandoned(labels: Readonly<Record<string, string>>): boolean {
  const pid = Number(labels[LABEL.pid]);
  if (labels[LABEL.host] !== hostname() || !Number.isInteger(pid) || pid <= 0) return false;
  const started = labels[LABEL.started] ?? "";
  const ourNamespace = processStart(process.pid)?.split("@")[1];
  const theirNamespace = started.split("@")[1];
  // A pid means nothing in another pid namespace (a CI job in a container that shares the daemon).
  if (theirNamespace !== undefined && theirNamespace !== ourNamespace) return false;
  if (!isAlive(pid)) return true;
  return started !== "" && processStart(pid) !== started;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** `<clock ticks since boot>@<pid namespace>` on Linux; undefined where /proc does not tell. */
function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command name, in parentheses, may itself hold spaces: count fields behind it.
    const ticks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    return `${ticks ?? ""}@${readlinkSync(`/proc/${pid}/ns/pid`)}`;
  } catch {
    return undefined;
  }
}
