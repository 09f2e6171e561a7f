import type { Pipeline } from "../pipeline/model.ts";

/** What everybody who is told of a success is reminded of, by the channel's name. */
export function noticesOf({
  channels,
}: Pick<Pipeline, "channels">): (channel: string) => readonly string[] {
  return (channel) => channels.find(({ name }) => name === channel)?.notices ?? [];
}
