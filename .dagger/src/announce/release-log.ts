import type { Directory } from "@dagger.io/dagger";
import { placesOf } from "../deploy/place.ts";
import { isDeployment } from "../deploy/target-state.ts";
import { isChange } from "../ledger/channel-state.ts";
import { channelStream } from "../ledger/streams.ts";
import type { Release } from "../release.ts";
import type { ReleaseEvent } from "./event.ts";
import { withEvent } from "./markdown.ts";
import { noticesOf } from "./notices.ts";
import { changeEventOf, deploymentEventOf } from "./recorded-event.ts";
import { releaseText } from "./text.ts";

/** As many records of each channel and target as are looked at: what is older is in the file. */
const LOOKED_AT = 100;

/**
 * The source with its Markdown log of releases, which has the newest on top: what the ledger knows of
 * all channels and targets is added, what people wrote stays. As it is, where the pipeline file names
 * none.
 */
export async function withReleaseLog(release: Release): Promise<Directory> {
  const { source, pipeline } = release;
  const path = pipeline.announcements.markdown;
  if (path === undefined) return source;
  const before = await source
    .file(path)
    .contents()
    .catch(() => undefined);
  const notices = noticesOf(pipeline);
  const log = (await recordedEvents(release)).reduce(
    (text, event) =>
      withEvent(text, event, releaseText(event, { notices: notices(event.channel) })),
    before,
  );
  return log === undefined ? source : source.withNewFile(path, log);
}

/** What the ledger knows of channels and targets that came to an end, the oldest first. */
async function recordedEvents({ pipeline, ledger }: Release): Promise<ReleaseEvent[]> {
  const streams = [
    ...pipeline.channels.map(({ name }) => channelStream(name)),
    ...placesOf(pipeline).map(({ stream }) => stream),
  ];
  const all = await Promise.all(
    streams.map((stream) => ledger.history(stream, { limit: LOOKED_AT })),
  );
  return all
    .flat()
    .flatMap((entry) => {
      if (isDeployment(entry) && entry.record.outcome !== "started") {
        return [deploymentEventOf(entry, {})];
      }
      return isChange(entry) && entry.record.state === "finished" ? [changeEventOf(entry, {})] : [];
    })
    .sort((one, other) => one.at.localeCompare(other.at));
}
