import type { Revision } from "../source/revision.ts";
import type { Built } from "./images.ts";
import type { BuildData } from "./model.ts";

/** A build as plain data. */
export function buildData(
  { images, labels }: Built,
  revision: Pick<Revision, "commit" | "changed">,
): BuildData {
  return {
    version: 1,
    commit: revision.commit,
    dirty: revision.changed.length > 0,
    labels,
    services: images.map(({ service, platforms }) => ({ name: service.name, platforms })),
  };
}
