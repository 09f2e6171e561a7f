import { access, constants } from "node:fs/promises";
import { join } from "node:path";
import type { Finding, Strategy, Surroundings } from "./strategy.ts";

/** A strategy that looks for sockets at well-known paths. */
function sockets(name: string, paths: (surroundings: Surroundings) => string[]): Strategy {
  return {
    explicit: false,
    find: async (surroundings) =>
      Promise.all(paths(surroundings).map((path) => lookAt(`${name} (${path})`, path))),
  };
}

async function lookAt(name: string, path: string): Promise<Finding> {
  try {
    await access(path, constants.R_OK | constants.W_OK);
    return { name, endpoint: { kind: "socket", path } };
  } catch (error) {
    const denied = (error as NodeJS.ErrnoException).code === "EACCES";
    return {
      name,
      refused: denied ? "no permission to use the socket" : "no such socket",
    };
  }
}

const runtimeFolder = ({ env, uid }: Surroundings): string[] =>
  env.XDG_RUNTIME_DIR !== undefined
    ? [env.XDG_RUNTIME_DIR]
    : uid === undefined
      ? []
      : [`/run/user/${uid}`];

/** Well-known sockets, most usual first. */
export const wellKnownSockets: Strategy[] = [
  sockets("Docker Engine", ({ platform }) =>
    platform === "win32" ? ["//./pipe/docker_engine"] : ["/var/run/docker.sock"],
  ),
  sockets("rootless Docker", (here) =>
    here.platform === "linux" ? runtimeFolder(here).map((dir) => join(dir, "docker.sock")) : [],
  ),
  sockets("Docker Desktop", ({ platform, home }) =>
    platform === "win32"
      ? ["//./pipe/dockerDesktopLinuxEngine"]
      : [
          join(home, ".docker", "run", "docker.sock"),
          ...(platform === "linux" ? [join(home, ".docker", "desktop", "docker.sock")] : []),
        ],
  ),
  sockets("Colima", ({ platform, home }) =>
    platform === "win32" ? [] : [join(home, ".colima", "default", "docker.sock")],
  ),
  sockets("Podman", (here) => {
    if (here.platform === "win32") return ["//./pipe/podman-machine-default"];
    const machine = join(here.home, ".local/share/containers/podman/machine/podman.sock");
    return here.platform === "linux"
      ? [
          ...runtimeFolder(here).map((dir) => join(dir, "podman/podman.sock")),
          "/run/podman/podman.sock",
        ]
      : [machine];
  }),
];
