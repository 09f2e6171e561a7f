import type { PipelineService } from "../pipeline/model.ts";
import type { RegistryClient } from "../registry/client.ts";
import type { Manifest } from "../registry/manifest.ts";
import type { Registry } from "../registries/registries.ts";

/** A tag that is to be moved. */
export interface PlannedMove {
  service: PipelineService;
  registry: Pick<Registry, "name" | "client" | "repositoryOf">;
  tag: string;
  /** `ghcr.io/acme/backend:prod` */
  ref: string;
  /** What it holds; undefined when it does not exist. */
  before: Manifest | undefined;
  target: Manifest;
}

/** A move, and the client that carries it out: while tags move, nothing else has to be asked for. */
export type ReadyMove = PlannedMove & { client: RegistryClient };
