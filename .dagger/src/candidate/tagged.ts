import { SluiceError } from "../error.ts";
import type { Pipeline } from "../pipeline/model.ts";
import type { Registry } from "../registries/registries.ts";
import type { ImageUnderTest } from "../verify/plan.ts";
import { revisionOf } from "../files/artifact.ts";
import { type Held, heldUnder } from "./held.ts";
import type { CandidateData } from "./model.ts";

const REVISION = "org.opencontainers.image.revision";

/** Images to verify, and the commit that they are of. */
export interface Selection {
  /** A commit; for a tag whose images come from none or from several, a description. */
  commit: string;
  /** Name of the registry that they are pulled from. */
  registry: string;
  images: Readonly<Record<string, ImageUnderTest>>;
}

/** A candidate's images, as one registry holds them. */
export function imagesOf(candidate: CandidateData, registry: Registry): Selection {
  return {
    commit: candidate.commit,
    registry: registry.name,
    images: Object.fromEntries(
      candidate.services.map(({ name, refs }) => [
        name,
        { ref: refs[registry.name] ?? "", ...registry.options },
      ]),
    ),
  };
}

/** What a tag holds in one registry right now, by digest. Throws `TAG_NOT_FOUND`. */
export async function imagesTagged(
  pipeline: Pipeline,
  registry: Registry,
  tag: string,
): Promise<Selection> {
  const held = await heldUnder(pipeline, { all: [registry] }, tag);
  const absent = held.filter(({ manifest }) => !manifest).map(({ ref }) => ref);
  if (absent.length > 0) {
    throw new SluiceError("TAG_NOT_FOUND", `${absent.join(", ")} not found`, {
      hint: "check the tag, or verify a commit with --commit",
    });
  }
  const images = Object.fromEntries(
    held.map(({ service, manifest }) => [
      service.name,
      { ref: `${registry.imageOf(service)}@${manifest?.digest ?? ""}`, ...registry.options },
    ]),
  );
  return { commit: await commitIn(held, images, tag), registry: registry.name, images };
}

/** The commit that the images' labels name, and the files' annotations. */
async function commitIn(
  held: readonly Held[],
  images: Selection["images"],
  tag: string,
): Promise<string> {
  const revisions = await Promise.all(
    held.map(async ({ service, registry, manifest }) => {
      if (manifest && service.files.length > 0) return revisionOf(manifest);
      const { ref = "" } = images[service.name] ?? {};
      return registry.blank.from(ref, registry.options).label(REVISION);
    }),
  );
  const [first = "", ...others] = new Set(revisions);
  if (others.length > 0) return `several commits under the tag ${tag}`;
  return first || `unknown commit under the tag ${tag}`;
}
