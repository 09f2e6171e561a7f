import { z } from "zod";
import { SluiceError } from "../../core/error.ts";
import type { Daemon } from "../daemon/daemon.ts";
import { isNotFound } from "../daemon/errors.ts";
import { LABEL } from "../labels.ts";
import type { ImageConfig, StoredImage } from "../types.ts";

const strings = z.array(z.string()).nullish();
const flags = z.record(z.string(), z.unknown()).nullish();

/** Docker's image settings, as `inspect` and image configs spell them. */
export const configSchema = z.object({
  Env: strings,
  Entrypoint: strings,
  Cmd: strings,
  User: z.string().nullish(),
  WorkingDir: z.string().nullish(),
  Labels: z.record(z.string(), z.string()).nullish(),
  ExposedPorts: flags,
  StopSignal: z.string().nullish(),
  Healthcheck: z.unknown().optional(),
  Volumes: flags,
});

const inspectAnswer = z.object({
  Id: z.string(),
  Created: z.string().nullish(),
  Os: z.string(),
  Architecture: z.string(),
  Variant: z.string().nullish(),
  RepoTags: strings,
  RepoDigests: strings,
  RootFS: z.object({ Layers: strings }).nullish(),
  Config: configSchema.nullish(),
});

/** An image with what only this folder needs to know of it. */
export interface InspectedImage extends StoredImage {
  /** Digests of the uncompressed layers, lowest first. */
  diffIds: string[];
  repoTags: string[];
  repoDigests: string[];
}

/** Images in the daemon's store. An image never changes under its id, so answers by id are kept. */
export class Images {
  readonly #byId = new Map<string, Promise<InspectedImage>>();

  constructor(private readonly daemon: Daemon) {}

  /** `name` is an id or a reference. Throws `IMAGE_NOT_FOUND`. */
  inspect(name: string): Promise<InspectedImage> {
    const known = this.#byId.get(name);
    if (known) return known;
    const asked = this.#ask(name);
    if (name.startsWith("sha256:")) {
      this.#byId.set(name, asked);
      asked.catch(() => this.#byId.delete(name));
    }
    return asked;
  }

  /** Like {@link inspect}; null when the daemon has no such image. */
  async find(name: string): Promise<InspectedImage | null> {
    try {
      return await this.inspect(name);
    } catch (error) {
      if (error instanceof SluiceError && error.code === "IMAGE_NOT_FOUND") return null;
      throw error;
    }
  }

  async #ask(name: string): Promise<InspectedImage> {
    try {
      const answer = await this.daemon.json(inspectAnswer, "GET", `/images/${name}/json`);
      return {
        id: answer.Id.startsWith("sha256:") ? answer.Id : `sha256:${answer.Id}`,
        platform: platformOf(answer),
        created: answer.Created ?? "1970-01-01T00:00:00Z",
        config: configFrom(answer.Config ?? {}),
        diffIds: answer.RootFS?.Layers ?? [],
        repoTags: answer.RepoTags ?? [],
        repoDigests: answer.RepoDigests ?? [],
      };
    } catch (error) {
      if (!isNotFound(error)) throw error;
      throw new SluiceError("IMAGE_NOT_FOUND", `Docker has no image ${name}`, { cause: error });
    }
  }
}

function platformOf(answer: z.infer<typeof inspectAnswer>): string {
  const variant = answer.Variant ?? "";
  // `linux/arm64/v8` is what everybody calls `linux/arm64`.
  const shown = variant === "" || (answer.Architecture === "arm64" && variant === "v8");
  return [answer.Os, answer.Architecture, ...(shown ? [] : [variant])].join("/");
}

export function configFrom(config: z.infer<typeof configSchema>): ImageConfig {
  return {
    // A bare `NAME` unsets a variable when a container is made; it is no variable of the image.
    env: (config.Env ?? []).filter((variable) => variable.includes("=")),
    entrypoint: config.Entrypoint ?? null,
    cmd: config.Cmd ?? null,
    user: config.User ?? "",
    workdir: config.WorkingDir ?? "",
    labels: withoutOurs(config.Labels ?? {}),
    exposedPorts: Object.keys(config.ExposedPorts ?? {}),
    ...(config.StopSignal ? { stopSignal: config.StopSignal } : {}),
    ...(config.Healthcheck ? { healthcheck: config.Healthcheck } : {}),
    ...(config.Volumes ? { volumes: Object.keys(config.Volumes) } : {}),
  };
}

const OURS: ReadonlySet<string> = new Set(Object.values(LABEL));

/** A committed container passes the engine's own labels on to its image; nobody asked for those. */
function withoutOurs(labels: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !OURS.has(name)));
}
