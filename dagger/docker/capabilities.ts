import { z } from "zod";
import type { Daemon } from "./daemon/daemon.ts";
import type { DaemonVersion } from "./discovery/discover.ts";

const infoAnswer = z.object({
  Name: z.string().default(""),
  OperatingSystem: z.string().default(""),
  InitBinary: z.string().nullish(),
  SecurityOptions: z.array(z.string()).nullish(),
  DriverStatus: z.array(z.array(z.string())).nullish(),
});

/** What this daemon can do, and where it runs. */
export interface Capabilities {
  /** `linux/amd64` */
  platform: string;
  podman: boolean;
  /** Images live in containerd's store rather than in Docker's classic one. */
  containerdStore: boolean;
  /** Has `docker-init` for `HostConfig.Init`. */
  init: boolean;
  /** Mounts parts of a volume by itself (API 1.45). */
  volumeSubpath: boolean;
  /** Its builder understands here-documents in Dockerfiles (Docker 23, API 1.42). */
  heredocs: boolean;
  /** This process can dial container addresses directly. */
  directContainers: boolean;
}

export async function capabilitiesOf(
  daemon: Daemon,
  version: DaemonVersion,
): Promise<Capabilities> {
  const info = await daemon.json(infoAnswer, "GET", "/info");
  const podman = (version.Components ?? []).some(({ Name }) => /podman/i.test(Name));
  const security = info.SecurityOptions ?? [];
  const rootless = security.some((option) => option.includes("rootless"));
  const desktop = /docker desktop/i.test(info.OperatingSystem);
  const beside = daemon.endpoint.kind === "socket" && process.platform === "linux";
  return {
    platform: `${version.Os}/${architecture(version.Arch)}`,
    podman,
    containerdStore: (info.DriverStatus ?? []).flat().includes("io.containerd.snapshotter.v1"),
    init: !podman || (info.InitBinary ?? "") !== "",
    volumeSubpath: !podman && atLeast(version.ApiVersion, [1, 45]),
    heredocs: !podman && atLeast(version.ApiVersion, [1, 42]),
    directContainers: beside && !rootless && !desktop,
  };
}

function atLeast(version: string, [major, minor]: [number, number]): boolean {
  const [have = 0, haveMinor = 0] = version.split(".").map(Number);
  return have > major || (have === major && haveMinor >= minor);
}

/** Go's name for an architecture, whichever way the daemon spells it. */
function architecture(name: string): string {
  const names: Record<string, string> = { x86_64: "amd64", aarch64: "arm64" };
  return names[name] ?? name;
}
