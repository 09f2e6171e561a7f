import type { Readable } from "node:stream";
import { z } from "zod";
import { SluiceError } from "../core/error.ts";
import type { Daemon } from "../docker/daemon/daemon.ts";
import { isNotFound } from "../docker/daemon/errors.ts";
import { tagImage } from "../docker/image/tag.ts";
import { STAND_IN_LABEL } from "../docker/labels.ts";
import { demultiplex } from "../docker/process/output.ts";
import type { RecipeConfig } from "./recipe.ts";

/** Labels pass on to images built on a stand-in; a name does not. */
const repository = "sluice-stand-in";

const created = z.object({ Id: z.string() });
const inspected = z.object({
  Id: z.string(),
  Config: z.object({ Labels: z.record(z.string(), z.string()).nullish() }),
});

/** A stand-in, and what it really is. */
export interface StandInImage {
  id: string;
  what: string;
}

/** A stand-in made earlier from the same recipe. */
export async function findStandIn(daemon: Daemon, key: string): Promise<StandInImage | undefined> {
  try {
    const image = await daemon.json(inspected, "GET", `/images/${repository}:${key}/json`);
    return { id: image.Id, what: image.Config.Labels?.[STAND_IN_LABEL] ?? "" };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Names a new stand-in, so that it is found. */
export async function keepStandIn(
  daemon: Daemon,
  key: string,
  image: StandInImage,
): Promise<StandInImage> {
  await tagImage(daemon, image.id, `${repository}:${key}`);
  return image;
}

/**
 * What an image starts and says of itself, as instructions of a Dockerfile: the one form that every
 * daemon takes.
 */
function instructions(config: RecipeConfig, what: string): string[] {
  const { Env = [], Entrypoint = [], Cmd = [], ExposedPorts = {}, WorkingDir } = config;
  return [
    `LABEL ${STAND_IN_LABEL}=${JSON.stringify(what)}`,
    ...Env.map((item) => `ENV ${item.replace("=", '="')}"`),
    ...Object.keys(ExposedPorts).map((port) => `EXPOSE ${port}`),
    ...(WorkingDir === undefined ? [] : [`WORKDIR ${WorkingDir}`]),
    // Said even where empty: what is not said is that of the container that made the image.
    `ENTRYPOINT ${JSON.stringify(Entrypoint)}`,
    `CMD ${JSON.stringify(Cmd)}`,
  ];
}

/** Makes an image of one layer from a root file system. */
export async function importImage(
  daemon: Daemon,
  tar: Readable,
  options: { key: string; what: string; config: RecipeConfig; signal?: AbortSignal },
): Promise<StandInImage> {
  const { config, key, what } = options;
  const answer = await daemon.stream("POST", "/images/create", {
    query: { fromSrc: "-", changes: instructions(config, what) },
    upload: tar,
    headers: { "content-type": "application/x-tar" },
    signal: options.signal,
  });
  let said = "";
  for await (const chunk of answer) said += String(chunk);
  const id = /"status":"(sha256:[0-9a-f]{64})"/.exec(said)?.[1];
  if (id) return keepStandIn(daemon, key, { id, what });
  throw new SluiceError(
    "STAND_IN_FAILED",
    `Docker did not import the image: ${said.trim().slice(-300)}`,
  );
}

/**
 * Runs a script as root, on the host's network, in a container made from `image`, and makes an image
 * of what it leaves. The last line of its output says what the image really is.
 */
export async function runAndCommit(
  daemon: Daemon,
  image: string,
  work: {
    key: string;
    script: string;
    files: Readable;
    config: RecipeConfig;
    /** What the image really is, of what the script says. */
    what: (said: string) => string;
    signal?: AbortSignal;
  },
): Promise<StandInImage> {
  const { signal, key } = work;
  // Not by labels: those would stay on the image. Whoever holds the lock owns the name.
  const name = `sluice-stand-in-${key}`;
  const remove = () =>
    daemon.call("DELETE", `/containers/${name}`, { query: { force: true, v: true } });
  await remove().catch(() => undefined);
  const { Id } = await daemon.json(created, "POST", "/containers/create", {
    query: { name },
    body: {
      // Nothing else is set: the image would keep it.
      Image: image,
      Cmd: ["sh", "-eu", "-c", work.script],
      HostConfig: { NetworkMode: "host" },
    },
    signal,
  });
  try {
    await daemon.call("PUT", `/containers/${Id}/archive`, {
      query: { path: "/" },
      upload: work.files,
      signal,
    });
    await daemon.call("POST", `/containers/${Id}/start`, { signal });
    const { StatusCode } = await daemon.json(
      z.object({ StatusCode: z.number() }),
      "POST",
      `/containers/${Id}/wait`,
      { signal },
    );
    const output = await outputOf(daemon, Id);
    if (StatusCode !== 0)
      throw new SluiceError(
        "STAND_IN_FAILED",
        `setting it up exited with ${StatusCode}: ${output.slice(-800)}`,
      );
    const what = work.what(output.trim().split("\n").at(-1) ?? "");
    const answer = await daemon.json(created, "POST", "/commit", {
      query: { container: Id, changes: instructions(work.config, what) },
      // Docker before 23 takes no instruction for the signal. Podman wants a body, and does not read it.
      body: { Image: image, StopSignal: work.config.StopSignal },
      signal,
    });
    return await keepStandIn(daemon, key, { id: answer.Id, what });
  } finally {
    await remove().catch(() => undefined);
  }
}

async function outputOf(daemon: Daemon, id: string): Promise<string> {
  const stream = await daemon.stream("GET", `/containers/${id}/logs`, {
    query: { stdout: true, stderr: true },
  });
  const payloads: Buffer[] = [];
  for await (const { bytes } of demultiplex(stream)) payloads.push(bytes);
  return Buffer.concat(payloads).toString("utf8");
}
