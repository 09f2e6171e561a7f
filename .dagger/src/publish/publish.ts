import type { BuiltImage } from "../build/images.ts";
import { candidateTag, type CandidateData } from "../candidate/model.ts";
import { assess, findCandidate } from "../candidate/find.ts";
import { heldUnder } from "../candidate/held.ts";
import { firstLine, SluiceError } from "../error.ts";
import type { Pipeline } from "../pipeline/model.ts";
import type { Registries } from "../registries/registries.ts";
import type { Revision } from "../source/revision.ts";

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
 * is there already stays as it is.
 *
 * @throws SluiceError `SOURCE_DIRTY` before anything is built; `PUBLISH_FAILED` with what could not
 *   be pushed; `CANDIDATE_DIVERGED` when a registry holds another image of this commit
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
  const images = await input.build();
  const results = await Promise.allSettled(
    absent.map(async ({ service, registry, ref }) => {
      const image = images.find((one) => one.service.name === service.name);
      if (!image) throw new Error(`${service.name} was not built`);
      await publishImage(image, registry, ref);
    }),
  );
  refuseFailures(
    results.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : [])),
  );
  return (await findCandidate(pipeline, registries, commit)).candidate;
}

async function publishImage(
  { containers }: BuiltImage,
  registry: Registries["all"][number],
  ref: string,
): Promise<string> {
  const [first, ...platformVariants] = containers.map((container) => registry.signIn(container));
  if (!first) throw new Error(`${ref}: nothing was built`);
  return first.publish(ref, { ...registry.options, platformVariants });
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
