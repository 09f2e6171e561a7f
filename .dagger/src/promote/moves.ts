import { heldUnder } from "../candidate/held.ts";
import { SluiceError } from "../error.ts";
import type { ChangeRecord, Move } from "../ledger/model.ts";
import { heldName } from "../registry/digest.ts";
import type { Registry } from "../registries/registries.ts";
import type { Release } from "../release.ts";
import type { Change } from "./change.ts";
import type { PlannedMove } from "./planned.ts";

/** The moves that a change takes, given what the channel's tag holds in each registry right now. */
export async function plannedMoves(
  { pipeline, registries }: Pick<Release, "pipeline" | "registries">,
  { channel, images }: Pick<Change, "channel" | "images">,
): Promise<PlannedMove[]> {
  const before = await heldUnder(pipeline, registries, channel.tag);
  return before.map(({ service, registry, ref, manifest }) => {
    const image = images.find(
      (one) => one.service.name === service.name && one.registry.name === registry.name,
    );
    if (!image) throw new Error(`${ref}: there is no image for it`);
    return { service, registry, ref, tag: channel.tag, before: manifest, target: image.manifest };
  });
}

/** The moves that a record tells of, each with the manifests of both its ends. */
export async function recordedMoves(
  release: Pick<Release, "pipeline" | "registries">,
  record: Pick<ChangeRecord, "tag" | "moves">,
): Promise<PlannedMove[]> {
  return Promise.all(record.moves.map((move) => recordedMove(release, record.tag, move)));
}

async function recordedMove(
  { pipeline, registries }: Pick<Release, "pipeline" | "registries">,
  tag: string,
  { service: serviceName, registry: registryName, ref, from, to }: Move,
): Promise<PlannedMove> {
  const service = pipeline.services.find(({ name }) => name === serviceName);
  const registry = registries.all.find(({ name }) => name === registryName);
  if (!service || !registry || `${registry.imageOf(service)}:${tag}` !== ref) {
    throw new SluiceError(
      "PROMOTION_INTERRUPTED",
      `an earlier run left ${ref} between ${heldName(from)} and ${heldName(to)}, and ${pipeline.file} no longer has that tag`,
      { hint: "run the same command with the pipeline file of that time" },
    );
  }
  const read = await readerOf(registry, service);
  const [before, target] = await Promise.all([from === null ? undefined : read(from), read(to)]);
  return { service, registry, tag, ref, before, target };
}

async function readerOf(registry: Registry, service: Parameters<Registry["repositoryOf"]>[0]) {
  const client = await registry.client("read");
  const { path } = registry.repositoryOf(service);
  return (digest: string) => client.get(path, digest);
}

/** A planned move as data. */
export function moveData({ service, registry, ref, before, target }: PlannedMove): Move {
  return {
    service: service.name,
    registry: registry.name,
    ref,
    from: before?.digest ?? null,
    to: target.digest,
  };
}
