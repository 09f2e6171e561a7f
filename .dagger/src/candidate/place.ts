import type { Place } from "../registry/copy/place.ts";
import type { Held } from "./held.ts";

/** The repository of a service's image, to be copied from (`read`) or to (`write`). */
export async function placeOf(
  { service, registry }: Pick<Held, "service" | "registry">,
  access: "read" | "write",
): Promise<Place> {
  return {
    client: await registry.client(access),
    repository: registry.repositoryOf(service).path,
  };
}
