import { readable, type Rule } from "./draft.ts";
import { unknown } from "./unknown.ts";

/** Channels that people are told of exist, and threads tell of something. */
export const announcementsAreOfChannels: Rule = ({ announcements, channels }) => {
  const { releases, discussions = {} } = announcements?.github ?? {};
  const path = ["announcements", "github"];
  const named = [
    ...(releases?.channels ?? []).map((name, index) => ({
      name,
      at: [...path, "releases", "channels", index],
    })),
    ...Object.entries(discussions).flatMap(([thread, { channels: of }]) =>
      of.map((name, index) => ({ name, at: [...path, "discussions", thread, "channels", index] })),
    ),
  ];
  return [
    ...named
      .filter(({ name }) => !channels.has(name))
      .map(({ name, at }) => unknown("channel", name, channels.keys(), at)),
    ...Object.entries(discussions)
      .filter(([, { channels: of, merges }]) => of.length === 0 && merges === undefined)
      .map(([thread]) => ({
        path: [...path, "discussions", thread],
        message: "tells of nothing; expected channels or merges",
        atKey: true,
      })),
  ];
};

/** A GitHub release needs a tag, which a channel has that asks for a release. */
export const releasedChannelsHaveReleases: Rule = ({ announcements, channels }) => {
  const wanted = announcements?.github?.releases?.channels ?? [];
  const known = new Map(readable(channels));
  return wanted.flatMap((name, index) => {
    const channel = known.get(name);
    if (!channel || channel.gates?.release) return [];
    const message = `channel ${name} has no gates.release: a GitHub release needs the tag that was promoted`;
    return [{ path: ["announcements", "github", "releases", "channels", index], message }];
  });
};
