import { z } from "zod";
import type { Workshop } from "../workshop.ts";

const statHeader = z.object({ mode: z.number(), linkTarget: z.string() });

/** The directory bit of Go's `fs.FileMode`, in which the daemon reports modes. */
const GO_MODE_DIRECTORY = 2 ** 31;

/** What kind of file a path of a container is, and where it leads if it is a link; throws the daemon's 404 when there is none. */
export async function pathStat(
  { daemon, signal }: Workshop,
  container: string,
  path: string,
): Promise<{ isDirectory: boolean; linkTarget: string }> {
  const answer = await daemon.stream("HEAD", `/containers/${container}/archive`, {
    query: { path },
    signal,
  });
  answer.resume();
  const header = answer.headers["x-docker-container-path-stat"];
  const text = Buffer.from(String(header ?? ""), "base64").toString();
  const { mode, linkTarget } = statHeader.parse(JSON.parse(text));
  return { isDirectory: mode >= GO_MODE_DIRECTORY, linkTarget };
}
