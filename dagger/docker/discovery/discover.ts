import { homedir } from "node:os";
import { z } from "zod";
import { SluiceError } from "../../core/error.ts";
import { messageOf } from "../../core/message.ts";
import { Daemon } from "../daemon/daemon.ts";
import { dockerContext } from "./context.ts";
import { dockerHost } from "./docker-host.ts";
import { wellKnownSockets } from "./sockets.ts";
import type { Finding, Surroundings } from "./strategy.ts";

const versionAnswer = z.object({
  ApiVersion: z.string(),
  Version: z.string(),
  Os: z.string(),
  Arch: z.string(),
  Components: z.array(z.object({ Name: z.string() })).nullish(),
});

export type DaemonVersion = z.infer<typeof versionAnswer>;

export interface Discovered {
  daemon: Daemon;
  version: DaemonVersion;
  /** How it was found: `DOCKER_HOST=…`, `docker context "colima"`, … */
  name: string;
}

const CONNECT_TIMEOUT_MS = 5_000;

/** This process's own surroundings. */
export function surroundings(): Surroundings {
  return {
    env: process.env,
    home: homedir(),
    platform: process.platform,
    uid: process.getuid?.(),
  };
}

/**
 * Finds a daemon that answers. Throws `DOCKER_UNREACHABLE` with every place tried and why it was
 * refused. A place that the user chose (`DOCKER_HOST`, a docker context) is the only one tried.
 */
export async function discover(here: Surroundings, signal?: AbortSignal): Promise<Discovered> {
  const refusals: string[] = [];
  for (const strategy of [dockerHost, dockerContext, ...wellKnownSockets]) {
    const findings = await strategy.find(here);
    for (const finding of findings) {
      const outcome = await greet(finding, signal);
      if (typeof outcome !== "string") return outcome;
      refusals.push(`${finding.name}: ${outcome}`);
    }
    if (strategy.explicit && findings.length > 0) break;
  }
  throw new SluiceError(
    "DOCKER_UNREACHABLE",
    `No container runtime answers. Tried:\n${refusals.map((line) => `  - ${line}`).join("\n")}`,
    { hint: advice(here, refusals) },
  );
}

/** Connects; answers why not as text. */
async function greet(finding: Finding, signal?: AbortSignal): Promise<Discovered | string> {
  if ("refused" in finding) return finding.refused;
  const daemon = new Daemon(finding.endpoint);
  const timeout = AbortSignal.timeout(CONNECT_TIMEOUT_MS);
  try {
    const version = await daemon.json(versionAnswer, "GET", "/version", {
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    return { daemon, version, name: finding.name };
  } catch (error) {
    daemon.destroy();
    signal?.throwIfAborted();
    if (timeout.aborted) return `no answer within ${CONNECT_TIMEOUT_MS / 1000} s`;
    return rootCause(error);
  }
}

function rootCause(error: unknown): string {
  const cause = error instanceof SluiceError ? error.cause : undefined;
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  if (code === "ECONNREFUSED") return "nothing listens there (connection refused)";
  if (code === "ENOENT") return "no such socket";
  if (code === "EACCES") return "no permission to use the socket";
  return messageOf(cause ?? error);
}

function advice({ platform, env }: Surroundings, refusals: string[]): string {
  if ((env.DOCKER_HOST ?? "") !== "") {
    return "Start the daemon that DOCKER_HOST names, or unset DOCKER_HOST to use a local one.";
  }
  if (refusals.some((line) => line.includes("no permission"))) {
    return "Add yourself to the docker group (sudo usermod -aG docker $USER) and log in again.";
  }
  switch (platform) {
    case "darwin":
      return "Install and start Docker Desktop or Colima (brew install colima docker; colima start).";
    case "win32":
      return "Install and start Docker Desktop, or Podman with `podman machine start`.";
    default:
      return "Install and start Docker (Debian, Ubuntu: sudo apt-get install docker.io; others: https://docs.docker.com/engine/install/), or start it: sudo systemctl start docker.";
  }
}
