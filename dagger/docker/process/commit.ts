import { z } from "zod";
import { LABEL } from "../labels.ts";
import type { Workshop } from "../workshop.ts";

const committed = z.object({ Id: z.string() });

export interface CommitOptions {
  /** Image that the container was made from. */
  base: string;
  /** Variables whose values must not get into the image. */
  secretEnv: readonly string[];
  key?: string;
}

/** Keeps a container's root file system as an image; answers the image's id. */
export async function commit(
  workshop: Workshop,
  container: string,
  options: CommitOptions,
): Promise<string> {
  const { Id } = await workshop.daemon.json(committed, "POST", "/commit", {
    query: { container, pause: false },
    body: {
      // A variable without a value takes the place of the container's own, value and all.
      Env: [...options.secretEnv],
      Labels: {
        [LABEL.kind]: "cache-image",
        ...(options.key === undefined ? {} : { [LABEL.key]: options.key }),
      },
    },
  });
  return Id.startsWith("sha256:") ? Id : `sha256:${Id}`;
}
