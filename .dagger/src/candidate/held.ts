import type { Pipeline, PipelineService } from "../pipeline/model.ts";
import type { Manifest } from "../registry/manifest.ts";
import type { Registries, Registry } from "../registries/registries.ts";

/** What one registry holds of a service under a tag. */
export interface Held {
  service: PipelineService;
  registry: Registry;
  /** `ghcr.io/acme/backend:prod` */
  ref: string;
  /** Undefined when there is no such tag. */
  manifest: Manifest | undefined;
}

/** Asks every registry for every service's manifest under a tag, all at once. */
export async function heldUnder(
  pipeline: Pipeline,
  registries: Pick<Registries, "all">,
  tag: string,
): Promise<Held[]> {
  return Promise.all(
    registries.all.flatMap((registry) =>
      pipeline.services.map(async (service) => {
        const client = await registry.client("read");
        const manifest = await client.find(registry.repositoryOf(service).path, tag);
        return { service, registry, ref: `${registry.imageOf(service)}:${tag}`, manifest };
      }),
    ),
  );
}
