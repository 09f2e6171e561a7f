import { imagesOf, imagesTagged, type Selection } from "../candidate/tagged.ts";
import { findCandidate } from "../candidate/find.ts";
import { SluiceError } from "../error.ts";
import { isTag } from "../pipeline/schema/names.ts";
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

/** The images that are meant, by digest. Throws `ARGUMENTS_INVALID`, `TAG_INVALID`, or what looking them up throws. */
export async function selectImages(release: Release, wanted: Wanted): Promise<Selection> {
  const { pipeline, registries, source } = release;
  const { commit, tag } = wanted;
  if (commit !== undefined && tag !== undefined) {
    throw new SluiceError("ARGUMENTS_INVALID", "--commit and --tag can't be used together", {
      hint: "give one of them",
    });
  }
  const registry = registries.named(wanted.registry);
  if (tag !== undefined) return imagesTagged(pipeline, registry, checkedTag(tag));
  const found = await findCandidate(pipeline, registries, await commitOf(source, commit));
  return imagesOf(found.candidate, registry);
}

/** What is no tag must not get into an address: `../` would lead to another repository. */
function checkedTag(text: string): string {
  if (isTag(text)) return text;
  throw new SluiceError(
    "TAG_INVALID",
    `--tag: expected a tag of at most 128 letters, digits, dots, underscores and hyphens, got ${JSON.stringify(text.slice(0, 200))}`,
    { hint: "name a tag without its repository, such as prod" },
  );
}
