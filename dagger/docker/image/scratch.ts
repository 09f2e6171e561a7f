import { z } from "zod";
import { tarStream } from "../tar.ts";
import type { StoredImage } from "../types.ts";
import type { Workshop } from "../workshop.ts";
import { jsonLines } from "../daemon/lines.ts";

const progress = z.object({ status: z.string().optional(), error: z.string().optional() });

/** An image with an empty root file system, for `platform`. */
export async function scratchImage(workshop: Workshop, platform: string): Promise<StoredImage> {
  const { daemon, images } = workshop;
  const name = `sluice-scratch:${platform.replaceAll("/", "-")}`;
  const known = await images.find(name);
  if (known) return known;
  const answer = await daemon.stream("POST", "/images/create", {
    query: { fromSrc: "-", repo: name.split(":")[0], tag: name.split(":")[1], platform },
    upload: tarStream(async () => undefined),
  });
  for await (const line of jsonLines(answer)) {
    const { error } = progress.parse(line);
    if (error !== undefined) throw new Error(`cannot make an empty image: ${error}`);
  }
  return images.inspect(name);
}
