import type { Directory, Secret } from "@dagger.io/dagger";
import type { Pipeline } from "./pipeline/model.ts";
import { readPipeline } from "./pipeline/read.ts";
import { Logins } from "./registries/logins.ts";
import { Registries } from "./registries/registries.ts";

/**
 * What a release starts from, as the module's objects carry it along. It is flat, and its lists
 * belong together: an object in an object would come back with ids where its secrets were.
 */
export interface ReleaseState {
  readonly source: Directory;
  /** Path of the pipeline file in it. */
  readonly pipeline: string;
  readonly loginAddresses: string[];
  readonly loginUsernames: string[];
  readonly loginSecrets: Secret[];
}

/** A pipeline and its registries, ready to work with. */
export interface Release {
  source: Directory;
  pipeline: Pipeline;
  registries: Registries;
  logins: Logins;
}

/** Reads the pipeline file and the credentials; asks no registry yet. */
export async function openRelease(state: ReleaseState): Promise<Release> {
  const { source, loginAddresses, loginUsernames, loginSecrets } = state;
  const pipeline = await readPipeline(source, state.pipeline);
  const logins = await Logins.collect(
    pipeline,
    loginSecrets.map((secret, index) => ({
      address: loginAddresses[index] ?? "",
      username: loginUsernames[index] ?? "",
      secret,
    })),
  );
  return { source, pipeline, logins, registries: new Registries(pipeline, logins) };
}
