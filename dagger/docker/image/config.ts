import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { LABEL } from "../labels.ts";
import type { ImageConfig } from "../types.ts";
import { type InspectedImage, configFrom, configSchema } from "./images.ts";

const dockerConfig = z.looseObject({
  created: z.string().optional(),
  history: z.array(z.unknown()).optional(),
  config: configSchema.nullish(),
});

/** Occurs in the config of every image that the engine made. */
const OURS = `"${LABEL.kind}":"cache-image"`;

/** When an image of the engine was made is a matter of caches: it would only change the digest. */
export const OUR_CREATED = "1970-01-01T00:00:00Z";

/**
 * The bytes of an image config with the wanted settings. Docker's own bytes are kept when they say
 * the same already: then the digest is the id under which Docker knows the image.
 */
export function imageConfigBytes(
  image: InspectedImage,
  dockerBytes: Buffer,
  wanted: ImageConfig,
  platform: string,
): Buffer {
  const docker = dockerConfig.parse(JSON.parse(dockerBytes.toString()));
  const same =
    platform === image.platform &&
    isDeepStrictEqual(settings(configFrom(docker.config ?? {})), settings(wanted));
  // An image that the engine made carries its labels, the config of its container, and a history
  // in which each daemon puts something else: the command, the date, its own steps.
  const ours = dockerBytes.includes(OURS);
  if (same && !ours) return dockerBytes;
  const [os, architecture, variant] = platform.split("/");
  return Buffer.from(
    JSON.stringify({
      created: ours ? OUR_CREATED : (docker.created ?? image.created),
      architecture,
      os,
      ...(variant === undefined ? {} : { variant }),
      config: encodeSettings(wanted),
      rootfs: { type: "layers", diff_ids: image.diffIds },
      ...(docker.history && !ours ? { history: docker.history } : {}),
    }),
  );
}

function encodeSettings(config: ImageConfig): Record<string, unknown> {
  const flags = (names: readonly string[]): Record<string, object> =>
    Object.fromEntries([...names].sort().map((name) => [name, {}]));
  const sortedLabels = Object.entries(config.labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    ...(config.user === "" ? {} : { User: config.user }),
    ...(config.exposedPorts.length === 0 ? {} : { ExposedPorts: flags(config.exposedPorts) }),
    Env: config.env,
    ...(config.entrypoint ? { Entrypoint: config.entrypoint } : {}),
    ...(config.cmd ? { Cmd: config.cmd } : {}),
    ...(config.volumes?.length ? { Volumes: flags(config.volumes) } : {}),
    ...(config.workdir === "" ? {} : { WorkingDir: config.workdir }),
    ...(sortedLabels.length === 0 ? {} : { Labels: Object.fromEntries(sortedLabels) }),
    ...(config.stopSignal === undefined ? {} : { StopSignal: config.stopSignal }),
    ...(config.healthcheck === undefined ? {} : { Healthcheck: config.healthcheck }),
  };
}

/** For comparison: what means the same looks the same. */
function settings(config: ImageConfig): unknown {
  return JSON.parse(
    JSON.stringify({
      ...config,
      entrypoint: config.entrypoint ?? [],
      cmd: config.cmd ?? [],
      exposedPorts: [...config.exposedPorts].sort(),
      volumes: [...(config.volumes ?? [])].sort(),
    }),
  );
}
