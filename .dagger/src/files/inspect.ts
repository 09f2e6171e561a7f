import type { Place } from "../registry/copy/place.ts";
import { nameIn } from "../registry/copy/place.ts";
import { type ReleasedFiles, readArtifact } from "./artifact.ts";

/**
 * The files that a repository holds under a digest.
 *
 * @throws SluiceError `FILES_INVALID`; RegistryError `MANIFEST_NOT_FOUND`, …
 */
export async function filesIn(place: Place, digest: string): Promise<ReleasedFiles> {
  const manifest = await place.client.get(place.repository, digest);
  return readArtifact(manifest, nameIn(place, digest));
}
