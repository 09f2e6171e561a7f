import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { messageOf } from "../../core/message.ts";
import { parseEndpoint } from "../daemon/endpoint.ts";
import type { Strategy, Surroundings } from "./strategy.ts";
import { readTls } from "./tls.ts";

const configFile = z.object({ currentContext: z.string().optional() });
const metaFile = z.object({
  Endpoints: z.object({ docker: z.object({ Host: z.string() }) }),
});

/** The docker context in use: `DOCKER_CONTEXT`, or `currentContext` of the client's configuration. */
export const dockerContext: Strategy = {
  explicit: true,
  async find(surroundings) {
    const folder = dockerConfigFolder(surroundings);
    const context = surroundings.env.DOCKER_CONTEXT ?? (await currentContext(folder));
    if (context === undefined || context === "" || context === "default") return [];
    const name = `docker context "${context}"`;
    // The docker client names a context's folder by the digest of the context's name.
    const id = createHash("sha256").update(context).digest("hex");
    try {
      const meta = join(folder, "contexts", "meta", id, "meta.json");
      const { Endpoints } = metaFile.parse(JSON.parse(await readFile(meta, "utf8")));
      const tls = await readTls(join(folder, "contexts", "tls", id, "docker"));
      const hasTls = tls.ca !== undefined || tls.cert !== undefined;
      return [{ name, endpoint: parseEndpoint(Endpoints.docker.Host, hasTls ? tls : undefined) }];
    } catch (error) {
      const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
      return [{ name, refused: missing ? "there is no such context" : messageOf(error) }];
    }
  },
};

/** Where the docker client keeps its configuration. */
export function dockerConfigFolder({ env, home }: Pick<Surroundings, "env" | "home">): string {
  return env.DOCKER_CONFIG ?? join(home, ".docker");
}

async function currentContext(folder: string): Promise<string | undefined> {
  try {
    const text = await readFile(join(folder, "config.json"), "utf8");
    return configFile.parse(JSON.parse(text)).currentContext;
  } catch {
    // No configuration, or one that the docker client could not read either: no context chosen.
    return undefined;
  }
}
