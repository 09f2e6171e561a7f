import type { BuiltImage } from "../build/images.ts";
import { candidateTag, type CandidateData } from "../candidate/model.ts";
import { assess, findCandidate } from "../candidate/find.ts";
import { type Held, heldUnder } from "../candidate/held.ts";
import { placeOf } from "../candidate/place.ts";
import { firstLine, SluiceError } from "../error.ts";
import type { Pipeline } from "../pipeline/model.ts";
import type { Registries } from "../registries/registries.ts";
import { copyImage } from "../registry/copy/copy.ts";
import type { Revision } from "../source/revision.ts";
import { pushProduct, withProducts } from "./product.ts";

/** What `publishCandidate` takes. */
export interface PublishInput {
  pipeline: Pipeline;
  registries: Registries;
  revision: Pick<Revision, "commit" | "changed">;
  /** Builds the images; not called when the commit was published before. */
  build: () => Promise<readonly BuiltImage[]>;
  onProgress: (line: string) => void;
}

/**
 * Publishes every service to every registry under the commit's own tag, which is written once: what
 * is there already stays as it is, and what one registry lacks is copied from another one.
 *
 * @throws SluiceError `SOURCE_DIRTY` before anything is built; `FILES_UNUSABLE` before anything is
 *   pushed; `PUBLISH_FAILED` with what could not be pushed; `CANDIDATE_DIVERGED` when a registry holds
 *   another image of this commit
 */
export async function publishCandidate(input: PublishInput): Promise<CandidateData> {
  const { pipeline, registries, revision, onProgress } = input;
  refuseDirty(revision);
  const { commit } = revision;
  const tag = candidateTag(commit);
  const held = await heldUnder(pipeline, registries, tag);
  const absent = held.filter(({ manifest }) => !manifest);
  if (absent.length === 0) {
    onProgress(`${commit} was published before; its images stay as they are`);
    return assess(pipeline, commit, held).candidate;
  }
  // What one registry has already is brought to the others as it is: built again it may differ.
  const sources = absent.map((to) => held.find((one) => one.manifest && isOf(one, to.service)));
  const images = sources.includes(undefined) ? await input.build() : [];
  const results = await withProducts(images, (products) =>
    Promise.allSettled(
      absent.map(async (to, index) => {
        const source = sources[index];
        if (source?.manifest) {
          onProgress(`${to.ref} is copied from ${source.ref}`);
          await copyHeld(source, source.manifest.digest, to, tag);
          return;
        }
        const product = products.find(({ image }) => isOf(image, to.service));
        if (!product) throw new Error(`${to.service.name} was not built`);
        await pushProduct(product, to, tag);
      }),
    ),
  );
  refuseFailures(
    results.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : [])),
  );
  return (await findCandidate(pipeline, registries, commit)).candidate;
}

function isOf({ service }: Pick<Held, "service">, { name }: Held["service"]): boolean {
  return service.name === name;
}

async function copyHeld(from: Held, digest: string, to: Held, tag: string): Promise<void> {
  const [source, target] = await Promise.all([placeOf(from, "read"), placeOf(to, "write")]);
  await copyImage({ from: source, to: target, digest, tag, referrers: true });
}

/** Where one push fails the others go on to their end, so that the next try has only that one left. */
function refuseFailures(errors: readonly unknown[]): void {
  const [first, ...others] = errors.map(firstLine);
  if (first === undefined) return;
  const more = others.length > 0 ? ` (and ${others.length} more)` : "";
  throw new SluiceError("PUBLISH_FAILED", `not every image could be published: ${first}${more}`, {
    ...(others.length > 0 ? { detail: others.map((line) => `  ${line}`).join("\n") } : {}),
    cause: errors[0],
    hint: "see to the registry, then publish again: what is there stays as it is",
  });
}

function refuseDirty({ commit, changed }: PublishInput["revision"]): void {
  if (changed.length === 0) return;
  const shown = changed.slice(0, 5).join(", ");
  const more = changed.length > 5 ? ` and ${changed.length - 5} more` : "";
  throw new SluiceError(
    "SOURCE_DIRTY",
    `the source differs from its commit ${commit.slice(0, 12)}: ${shown}${more}`,
    { hint: "commit or stash the changes, or publish the commit as it is with --commit" },
  );
}
