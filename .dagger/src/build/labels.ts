import type { Revision } from "../source/revision.ts";

/** What a build is called; both are read from the image's labels. */
export interface BuildNames {
  /** Default: the commit. */
  version: string | undefined;
  /** RFC 3339; default: when the commit was made. */
  created: string | undefined;
}

/**
 * Labels by which an image says where it comes from.
 * https://github.com/opencontainers/image-spec/blob/main/annotations.md
 */
export function labelsOf(revision: Revision, names: BuildNames): Record<string, string> {
  const { commit, origin, changed } = revision;
  const created = createdOf(revision, names);
  return {
    "org.opencontainers.image.revision": changed.length > 0 ? `${commit}-dirty` : commit,
    "org.opencontainers.image.version": names.version ?? commit,
    ...(origin === undefined ? {} : { "org.opencontainers.image.source": origin }),
    ...(created === undefined ? {} : { "org.opencontainers.image.created": created }),
  };
}

/** The time that an image says it was made at: that of its commit, so that a rebuild is the same. */
export function createdOf({ committedAt }: Revision, { created }: BuildNames): string | undefined {
  if (created !== undefined) return created;
  if (committedAt === undefined) return undefined;
  return new Date(committedAt * 1000).toISOString().replace(".000Z", "Z");
}
