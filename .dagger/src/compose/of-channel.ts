import type { Directory } from "@dagger.io/dagger";
import { SluiceError } from "../error.ts";
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
  release: Release,
  channel?: string,
  registry?: string,
): Promise<string> {
  const { compose, channels } = release.pipeline;
  const name = channel ?? compose?.channel ?? channels.at(-1)?.name ?? "";
  const text = await manifestOf(release, name, registry ?? compose?.registry);
  if (text !== undefined) return text;
  throw new SluiceError("CHANNEL_EMPTY", `${name} holds nothing yet: there is nothing to pin`, {
    hint: `promote a candidate first: sluice call promote --channel ${name}`,
  });
}

/** The source with the Compose manifest that its pipeline file names, as it has to be right now. */
export async function withCompose(release: Release): Promise<Directory> {
  const { source, pipeline } = release;
  const text = await ownManifest(release);
  return pipeline.compose && text !== undefined
    ? source.withNewFile(pipeline.compose.file, text)
    : source;
}

/** Throws `COMPOSE_DRIFT` when the source's own Compose manifest is not what the channel holds. */
export async function checkCompose(release: Release): Promise<void> {
  const { source, pipeline } = release;
  const expected = await ownManifest(release);
  if (!pipeline.compose || expected === undefined) return;
  const { file, channel } = pipeline.compose;
  const contents = source.file(file).contents();
  const [first, ...others] = composeDrift(expected, await contents.catch(() => undefined));
  if (first === undefined) return;
  throw new SluiceError("COMPOSE_DRIFT", `${file} is not what ${channel} holds: ${first}`, {
    detail: others.map((line) => `  ${line}`).join("\n"),
    hint: `write it anew: sluice generate, or sluice call compose export --path ${file}`,
  });
}

/** Undefined without one in the pipeline file, and while its channel holds nothing. */
async function ownManifest(release: Release): Promise<string | undefined> {
  const { compose } = release.pipeline;
  return compose && manifestOf(release, compose.channel, compose.registry);
}

async function manifestOf(
  { pipeline, registries, ledger }: Release,
  channel: string,
  registry: string | undefined,
): Promise<string | undefined> {
  const { name } = channelNamed(pipeline, channel);
  const { holds } = await readChannel(ledger, name);
  return holds
    ? composeManifest(pipeline, holds, name, registries.named(registry).name)
    : undefined;
}
