import { imagesOf, imagesTagged, type Selection } from "../candidate/tagged.ts";
import { findCandidate } from "../candidate/find.ts";
import { SluiceError } from "../error.ts";
import type { Release } from "../release.ts";
import { commitOf } from "../source/commit.ts";

/** What to verify; everything may be left out. */
export interface Wanted {
  /** Default: HEAD. */
  commit?: string | undefined;
  /** What a tag holds, instead of a commit. */
  tag?: string | undefined;
  /** Name of the registry to pull from; default: the first one. */
  registry?: string | undefined;
}

/** The images that are meant, by digest. Throws `ARGUMENTS_INVALID`, or what looking them up throws. */
export async function selectImages(release: Release, wanted: Wanted): Promise<Selection> {
  const { pipeline, registries, source } = release;
  const { commit, tag } = wanted;
  if (commit !== undefined && tag !== undefined) {
    throw new SluiceError("ARGUMENTS_INVALID", "--commit and --tag can't be used together", {
      hint: "give one of them",
    });
  }
  const registry = registries.named(wanted.registry);
  if (tag !== undefined) return imagesTagged(pipeline, registry, tag);
  const found = await findCandidate(pipeline, registries, await commitOf(source, commit));
  return imagesOf(found.candidate, registry);
}
