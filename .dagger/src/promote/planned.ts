import type { PipelineService } from "../pipeline/model.ts";
import type { RegistryClient } from "../registry/client.ts";
import type { Manifest } from "../registry/manifest.ts";
import type { Registry } from "../registries/registries.ts";

/** A tag that is to be moved. */
export interface PlannedMove {
  service: Pick<PipelineService, "name" | "image">;
  registry: Pick<Registry, "name" | "client" | "imageOf" | "repositoryOf">;
  tag: string;
  /** `ghcr.io/acme/backend:prod` */
  ref: string;
  /** What it is put back to if anything fails; undefined when it did not exist. */
  before: Manifest | undefined;
  target: Manifest;
}

/** A move, and the client that carries it out: while tags move, nothing else has to be asked for. */
export type ReadyMove = PlannedMove & { client: RegistryClient };

/** Signs in for every move before anything is written. */
export async function ready(moves: readonly PlannedMove[]): Promise<ReadyMove[]> {
  return Promise.all(
    moves.map(async (move) => ({ ...move, client: await move.registry.client("write") })),
  );
}
