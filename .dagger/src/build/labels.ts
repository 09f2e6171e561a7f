import type { Facts } from "../source/facts.ts";
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
export function labelsOf(
  { commit, changed }: Pick<Revision, "commit" | "changed">,
  { committedAt, origin }: Facts,
  { version, created }: BuildNames,
): Record<string, string> {
  const time = created ?? (committedAt === undefined ? undefined : timeOf(committedAt));
  return {
    "org.opencontainers.image.revision": changed.length > 0 ? `${commit}-dirty` : commit,
    "org.opencontainers.image.version": version ?? commit,
    ...(origin === undefined ? {} : { "org.opencontainers.image.source": origin }),
    ...(time === undefined ? {} : { "org.opencontainers.image.created": time }),
  };
}

/** The commit's time, not the build's: a rebuild is then the same image. */
function timeOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}
