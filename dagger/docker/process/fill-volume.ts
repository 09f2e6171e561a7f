import type { Readable } from "node:stream";
import { removeContainer } from "../sweep.ts";
import type { Workshop } from "../workshop.ts";
import { createReader } from "./containers.ts";

/** Name at the root of the helper container under which it sees the volume. */
const VOLUME = "volume";

/**
 * Puts tar streams into a volume through a container that is created and never started; names in
 * them start with `root`, so that the root itself can have an owner. Any image of the daemon will do.
 */
export async function fillVolume(
  workshop: Workshop,
  image: string,
  volume: string,
  fill: (put: (tar: Readable) => Promise<void>, root: string) => Promise<void>,
): Promise<void> {
  const { capabilities, daemon, signal } = workshop;
  // What is put above a volume, Podman does not put into it as long as the container does not run.
  const [path, root] = capabilities.podman ? [`/${VOLUME}`, ""] : ["/", VOLUME];
  const helper = await createReader(workshop, image, {
    Mounts: [
      {
        Type: "volume",
        Source: volume,
        Target: `/${VOLUME}`,
        VolumeOptions: { NoCopy: true },
      },
    ],
  });
  try {
    await fill(
      (tar) =>
        daemon.call("PUT", `/containers/${helper}/archive`, {
          query: { path },
          upload: tar,
          signal,
        }),
      root,
    );
  } finally {
    await removeContainer(daemon, helper);
  }
}
