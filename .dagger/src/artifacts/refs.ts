import { z } from "zod";
import type { Pipeline } from "../pipeline/model.ts";

/** What is read of a pipeline to name its images. */
export type ImageNames = Pick<Pipeline, "services" | "registries" | "ledger">;

/** `ghcr.io/acme/backend@sha256:…` */
const digestRef = z.string().regex(/^[^@\s]+@sha256:[0-9a-f]{64}$/);

/** References to a candidate's images, never by tag. */
export const candidateRefs = z
  .object({
    refs: z
      .record(z.string(), z.record(z.string(), digestRef))
      .describe("Reference by service, by registry."),
  })
  .catchall(digestRef)
  .describe("Reference of each service, such as apiRef, in the registry that has the ledger.");
export type CandidateRefs = z.infer<typeof candidateRefs>;

/** References to images in every registry, and on top those of the registry that has the ledger. */
export function refsOf(
  { services, registries, ledger }: ImageNames,
  digests: Readonly<Record<string, string>>,
): CandidateRefs {
  const refs: Record<string, Record<string, string>> = {};
  const primary: Record<string, string> = {};
  for (const { name, address } of registries) {
    const here: Record<string, string> = {};
    for (const { name: service, image } of services) {
      const digest = digests[service];
      if (digest === undefined) continue;
      here[service] = `${address}/${image}@${digest}`;
      if (name === ledger.registry) primary[`${camelCase(service)}Ref`] = here[service];
    }
    refs[name] = here;
  }
  return candidateRefs.parse({ ...primary, refs });
}

/**
 * `web-api` as `webApi`. Where an upper-case letter can't stand for a hyphen, an underscore does: no
 * two services get the same name.
 */
export function camelCase(service: string): string {
  return service.replaceAll(/-+(?=([a-z0-9]))(.)/g, (run: string, next: string) => {
    const hyphens = run.length - 1;
    return /\d/.test(next)
      ? "_".repeat(hyphens) + next
      : "_".repeat(hyphens - 1) + next.toUpperCase();
  });
}
