import { heldUnder } from "../candidate/held.ts";
import type { Pipeline } from "../pipeline/model.ts";
import { shortDigest } from "../registry/digest.ts";
import type { Registries } from "../registries/registries.ts";
import { channelNamed } from "../promote/channel.ts";
import { table } from "../report/table.ts";

/** What one tag holds. */
export interface TagState {
  channel: string;
  service: string;
  registry: string;
  ref: string;
  /** Null when there is no such tag. */
  digest: string | null;
}

/** Asks the registries what the tag of a channel, or of all, holds right now. */
export async function tagStates(
  pipeline: Pipeline,
  registries: Registries,
  channel?: string,
): Promise<TagState[]> {
  const channels = channel === undefined ? pipeline.channels : [channelNamed(pipeline, channel)];
  const states = await Promise.all(
    channels.map(async ({ name, tag }) => {
      const held = await heldUnder(pipeline, registries, tag);
      return held.map(({ service, registry, ref, manifest }) => ({
        channel: name,
        service: service.name,
        registry: registry.name,
        ref,
        digest: manifest?.digest ?? null,
      }));
    }),
  );
  return states.flat();
}

/** Tag states for people; a service that differs between registries is marked. */
export function tagSummary(states: readonly TagState[]): string {
  if (states.length === 0) return "The pipeline file has no channels.\n";
  const rows = states.map((state) => {
    const digests = states
      .filter(({ channel, service }) => channel === state.channel && service === state.service)
      .map(({ digest }) => digest);
    const differs = new Set(digests).size > 1;
    return [
      state.channel,
      state.ref,
      state.digest === null ? "–" : shortDigest(state.digest),
      differs ? "differs between registries" : "",
    ];
  });
  return `${table(rows).join("\n")}\n`;
}
