import { SluiceError } from "../error.ts";
import type { Pipeline } from "../pipeline/model.ts";
import { shortDigest } from "../registry/digest.ts";
import type { Registries } from "../registries/registries.ts";
import { type Held, heldUnder } from "./held.ts";
import { type CandidateData, candidateTag } from "./model.ts";

/** A candidate, and the manifests that it consists of. */
export interface FoundCandidate {
  candidate: CandidateData;
  held: readonly (Held & { manifest: NonNullable<Held["manifest"]> })[];
}

/**
 * Reads a commit's candidate back from the registries.
 *
 * @throws SluiceError `CANDIDATE_NOT_FOUND`, `CANDIDATE_INCOMPLETE` or `CANDIDATE_DIVERGED`, with
 *   every reference that is missing or differs
 */
export async function findCandidate(
  pipeline: Pipeline,
  registries: Registries,
  commit: string,
): Promise<FoundCandidate> {
  return assess(pipeline, commit, await heldUnder(pipeline, registries, candidateTag(commit)));
}

/** Whether what the registries hold under a commit's tag is a candidate; throws as `findCandidate` does. */
export function assess(pipeline: Pipeline, commit: string, all: readonly Held[]): FoundCandidate {
  const held = all.filter((one): one is FoundCandidate["held"][number] => !!one.manifest);
  if (held.length < all.length) throw missing(commit, all);
  for (const { name } of pipeline.services) refuseDiverged(commit, held, name);
  return { candidate: candidateOf(pipeline, commit, held), held };
}

/** The candidate that these manifests are. */
export function candidateOf(
  pipeline: Pipeline,
  commit: string,
  held: readonly Pick<FoundCandidate["held"][number], "service" | "registry" | "manifest">[],
): CandidateData {
  return {
    version: 1,
    pipeline: pipeline.name,
    commit,
    services: pipeline.services.map((service) => {
      const own = held.filter((one) => one.service.name === service.name);
      return {
        name: service.name,
        digest: own[0]?.manifest.digest ?? "",
        refs: Object.fromEntries(
          own.map(({ registry, manifest }) => [
            registry.name,
            `${registry.imageOf(service)}@${manifest.digest}`,
          ]),
        ),
      };
    }),
  };
}

function missing(commit: string, all: readonly Held[]): SluiceError {
  const absent = all.filter(({ manifest }) => !manifest).map(({ ref }) => ref);
  const none = absent.length === all.length;
  return new SluiceError(
    none ? "CANDIDATE_NOT_FOUND" : "CANDIDATE_INCOMPLETE",
    none
      ? `${commit} was never published: ${absent.join(", ")} not found`
      : `${commit} is published in part only: ${absent.join(", ")} not found`,
    { hint: `publish it: sluice call publish --commit ${commit}` },
  );
}

function refuseDiverged(commit: string, held: FoundCandidate["held"], name: string): void {
  const own = held.filter(({ service }) => service.name === name);
  if (new Set(own.map(({ manifest }) => manifest.digest)).size <= 1) return;
  const digests = own.map(({ ref, manifest }) => `${ref} is ${shortDigest(manifest.digest)}`);
  throw new SluiceError(
    "CANDIDATE_DIVERGED",
    `${name} of ${commit} is not the same image everywhere: ${digests.join(", ")}`,
    { hint: "publish a new commit; someone wrote to one of these tags" },
  );
}
