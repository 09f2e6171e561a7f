import { z } from "zod";
import { SluiceError } from "../../core/error.ts";
import { jsonLines } from "../daemon/lines.ts";
import { LABEL } from "../labels.ts";
import type { Workshop } from "../workshop.ts";

/** Docker's storage drivers stack at most 125 to 128 layers. */
const MOST_LAYERS = 110;

const importLine = z.object({ status: z.string().optional(), error: z.string().optional() });

/**
 * A container on an image of many layers is exported and imported as one layer, so that chains of
 * any length work. Undefined when there is no need yet.
 */
export async function flattenWhenDeep(
  workshop: Workshop,
  container: string,
  base: string,
): Promise<string | undefined> {
  const { daemon, images, signal } = workshop;
  const image = await images.inspect(base);
  if (image.diffIds.length < MOST_LAYERS) return undefined;
  const files = await daemon.stream("GET", `/containers/${container}/export`, { signal });
  const answer = await daemon.stream("POST", "/images/create", {
    query: {
      fromSrc: "-",
      platform: image.platform,
      changes: `LABEL ${LABEL.kind}=cache-image`,
    },
    upload: files,
    signal,
  });
  let id: string | undefined;
  for await (const line of jsonLines(answer)) {
    const { status, error } = importLine.parse(line);
    if (error !== undefined) {
      throw new SluiceError("DOCKER_ERROR", `cannot flatten a deep image: ${error}`);
    }
    id = /^sha256:[0-9a-f]{64}$/.exec(status ?? "")?.[0] ?? id;
  }
  if (id === undefined) throw new SluiceError("DOCKER_ERROR", "Docker imported no image");
  return id;
}
