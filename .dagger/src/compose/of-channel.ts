import type { Directory } from "@dagger.io/dagger";
import { SluiceError } from "../error.ts";
import type { PipelineCompose } from "../pipeline/model.ts";
import { channelNamed } from "../promote/channel.ts";
import type { Release } from "../release.ts";
import { readChannel } from "../status/channel.ts";
import { composeDrift } from "./drift.ts";
import { composeManifest } from "./manifest.ts";

/**
 * A Compose manifest of what a channel holds, by the ledger.
 *
 * @param channel default: the pipeline file's `compose.channel`, else its last channel
 * @param registry default: the pipeline file's `compose.registry`, else the first one
 * @throws SluiceError `CHANNEL_EMPTY` while the channel holds nothing
 */
export async function composeOf(
  { pipeline, registries, ledger }: Release,
  channel = pipeline.compose?.channel ?? pipeline.channels.at(-1)?.name ?? "",
  registry = pipeline.compose?.registry,
): Promise<string> {
  const { name } = channelNamed(pipeline, channel);
  const { holds } = await readChannel(ledger, name);
  if (holds) return composeManifest(pipeline, holds, name, registries.named(registry).name);
  throw new SluiceError("CHANNEL_EMPTY", `${name} holds nothing yet: there is nothing to pin`, {
    hint: `promote a candidate first: sluice call promote --channel ${name}`,
  });
}

/** The source with its Compose manifest written anew. Throws `COMPOSE_UNSET`. */
export async function withCompose(release: Release): Promise<Directory> {
  const { file } = composeSettings(release);
  return release.source.withNewFile(file, await composeOf(release));
}

/** Throws `COMPOSE_DRIFT` when the source's Compose manifest is not what the channel holds. */
export async function checkCompose(release: Release): Promise<void> {
  if (!release.pipeline.compose) return;
  const { file, channel } = release.pipeline.compose;
  const [expected, actual] = await Promise.all([
    composeOf(release),
    release.source
      .file(file)
      .contents()
      .catch(() => undefined),
  ]);
  const [first, ...others] = composeDrift(expected, actual);
  if (first === undefined) return;
  throw new SluiceError("COMPOSE_DRIFT", `${file} is not what ${channel} holds: ${first}`, {
    detail: others.map((line) => `  ${line}`).join("\n"),
    hint: "write it anew: sluice generate, or sluice call compose export --path " + file,
  });
}

function composeSettings({ pipeline: { compose, file } }: Release): PipelineCompose {
  if (compose) return compose;
  throw new SluiceError("COMPOSE_UNSET", `${file} names no Compose manifest to generate`, {
    hint: "add compose: {file: compose.release.yaml, channel: …}, or use sluice call compose",
  });
}
