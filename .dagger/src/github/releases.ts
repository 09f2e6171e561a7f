import type { ReleaseEvent } from "../announce/event.ts";
import { hasLine } from "../announce/marker.ts";
import type { Sink, Told } from "../announce/sink.ts";
import type { GithubAccess } from "./access.ts";
import { asking } from "./failure.ts";
import { markerOf } from "./marker.ts";
import { onceWritten } from "./once-written.ts";
import {
  createRelease,
  demandTag,
  findRelease,
  updateRelease,
  type GithubRelease,
  type NewRelease,
} from "./release-records.ts";
import { attachAssets, type ReleaseFile } from "./release-assets.ts";
import { requestText } from "./request-text.ts";

const ASK = { what: "publish releases of", needs: "contents: write" };
/** As long as GitHub lets notes be, less the marker. */
const MAX_NOTES = 120_000;

/** Which releases are published, and with what. */
export interface ReleasesSettings {
  /** Names of channels: what they are promoted to is published. */
  readonly channels: readonly string[];
  /** What the changelog says of a release; undefined for nothing. */
  readonly changelogSection: (release: string) => Promise<string | undefined>;
  /** Files that the release has, besides its notes; default: none. */
  readonly files?: (event: ReleaseEvent) => Promise<readonly ReleaseFile[]>;
}

/**
 * Publishes a release on GitHub for each git tag that a channel is promoted to, with notes from the
 * changelog. A release, or a draft, that somebody else made for the tag is left to them.
 */
export function releasesSink(access: GithubAccess, settings: ReleasesSettings): Sink {
  return {
    name: "github-releases",
    async preview(event) {
      const wanted = await releaseOf(event, settings);
      return wanted && requestText(access, "POST", "releases", wanted);
    },
    async tell(event) {
      const wanted = await releaseOf(event, settings);
      return (
        wanted && asking(access.repository, ASK, () => publish(access, event, wanted, settings))
      );
    },
  };
}

async function publish(
  access: GithubAccess,
  event: ReleaseEvent,
  wanted: NewRelease,
  { files }: Pick<ReleasesSettings, "files">,
): Promise<Told> {
  const tag = wanted.tag_name;
  const { release, isNew } = await onceWritten({
    find: async () => {
      const release = await findRelease(access, tag);
      return release && { release, isNew: false };
    },
    write: async () => {
      await demandTag(access, tag);
      return { release: await createRelease(access, wanted), isNew: true };
    },
  });
  if (!isNew && !hasLine(release.notes, ownMarker(event, tag))) {
    return { what: `left release ${tag} as others made it`, url: release.url };
  }
  const attached = (await files?.(event)) ?? [];
  if (attached.length > 0) await attachAssets(access, tag, attached);
  if (isNew) return { what: `published release ${tag}`, url: release.url };
  if (isSo(release, wanted)) return { what: `release ${tag} is published`, url: release.url };
  const updated = await onceWritten({
    find: async () => {
      const now = await findRelease(access, tag);
      return now && isSo(now, wanted) ? now : undefined;
    },
    write: () => updateRelease(access, release.id, wanted),
  });
  return { what: `updated release ${tag}`, url: updated.url };
}

/** GitHub may give line breaks back as a browser's form would. */
function isSo({ isDraft, notes }: GithubRelease, { body }: NewRelease): boolean {
  return !isDraft && notes.replaceAll("\r\n", "\n") === body;
}

async function releaseOf(
  event: ReleaseEvent,
  { channels, changelogSection }: ReleasesSettings,
): Promise<NewRelease | undefined> {
  const { kind, channel, release, commit } = event;
  if (kind !== "promoted" || release === undefined || !channels.includes(channel)) return undefined;
  const notes = (await changelogSection(release))?.replaceAll("\r\n", "\n").slice(0, MAX_NOTES);
  return {
    ...{ tag_name: release, target_commitish: commit, name: release },
    body: [...(notes === undefined ? [] : [notes]), ownMarker(event, release)].join("\n\n"),
    ...{ draft: false, make_latest: "legacy" },
  };
}

function ownMarker({ pipeline }: ReleaseEvent, release: string): string {
  return markerOf("release", pipeline, release);
}
