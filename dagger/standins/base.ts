import { keyOf } from "../core/key.ts";
import type { Daemon } from "../docker/daemon/daemon.ts";
import { ensureProgram, produce, suite } from "./host.ts";
import { defaultPath } from "./recipe.ts";
import { findStandIn, importImage, type StandInImage } from "./store.ts";

/** Left out of the base, as the official slim images do: nothing in a container reads them. */
const unwanted = [
  "/usr/share/doc/*",
  "/usr/share/man/*",
  "/usr/share/info/*",
  "/usr/share/locale/*",
  "/usr/share/lintian/*",
];

/** What the official image has. */
const config = {
  Env: [defaultPath],
  Cmd: ["bash"],
};

/** The base, and what tells it from one that was made otherwise. */
export type BaseImage = StandInImage & { key: string };

/** The minimal Debian (or Ubuntu) that every other stand-in is built on. */
export async function baseImage(
  daemon: Daemon,
  making: () => void,
  signal?: AbortSignal,
): Promise<BaseImage> {
  const release = await suite();
  const key = keyOf("stand-in-base", 4, release, unwanted).slice(0, 32);
  const known = await findStandIn(daemon, key);
  if (known) return { ...known, key };
  making();
  await ensureProgram("mmdebstrap", ["mmdebstrap"], signal);
  const { output, done } = produce(
    "mmdebstrap",
    [
      "--variant=minbase",
      "--include=ca-certificates",
      "--format=tar",
      "--quiet",
      ...unwanted.map((path) => `--dpkgopt=path-exclude=${path}`),
      // The host's certificates: what the host trusts, a build inside the container has to trust as well.
      '--customize-hook=cp /etc/ssl/certs/ca-certificates.crt "$1/etc/ssl/certs/ca-certificates.crt"',
      '--customize-hook=rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/* "$1"/var/log/*',
      release,
      "-",
    ],
    signal,
  );
  const what = `Debian packages (${release})`;
  const [image] = await Promise.all([
    importImage(daemon, output, { key, what, config, signal }),
    done,
  ]);
  return { ...image, key };
}
