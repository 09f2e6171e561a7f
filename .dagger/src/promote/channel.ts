import { SluiceError } from "../error.ts";
import type { Pipeline, PipelineChannel } from "../pipeline/model.ts";
import { suggestion } from "../pipeline/suggest.ts";

/** The channel of that name. Throws `CHANNEL_UNKNOWN`. */
export function channelNamed({ file, channels }: Pipeline, name: string): PipelineChannel {
  const found = channels.find((channel) => channel.name === name);
  if (found) return found;
  const known = channels.map((channel) => channel.name);
  throw new SluiceError(
    "CHANNEL_UNKNOWN",
    `${file} has no channel ${JSON.stringify(name)}${suggestion(name, known)}`,
    {
      hint: known.length === 0 ? "add it under channels:" : `name one of: ${known.join(", ")}`,
    },
  );
}
