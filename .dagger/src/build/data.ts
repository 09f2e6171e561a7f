import type { Revision } from "../source/revision.ts";
import type { BuiltImage } from "./images.ts";
import { type BuildNames, labelsOf } from "./labels.ts";
import type { BuildData } from "./model.ts";

/** A build as plain data. */
export function buildData(
  images: readonly BuiltImage[],
  revision: Revision,
  names: BuildNames,
): BuildData {
  return {
    version: 1,
    commit: revision.commit,
    dirty: revision.changed.length > 0,
    labels: labelsOf(revision, names),
    services: images.map(({ service, platforms }) => ({ name: service.name, platforms })),
  };
}
