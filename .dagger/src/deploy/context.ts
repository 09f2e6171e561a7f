import type { Release } from "../release.ts";
import type { DeployContext } from "./deployer.ts";
import type { Place } from "./place.ts";
import { daggerProgram, type OpenProgram } from "./program.ts";
import { Settings } from "./settings.ts";

/** What a deployer gets of a run. */
export interface RunOptions {
  /** The deployed commit, whose files are read. */
  commit: string;
  /** Files that are kept, by path below `.artifacts`. */
  kept: Map<string, string | Uint8Array>;
  onProgress: (line: string) => void;
  /** Default: in containers of the Dagger session. */
  openProgram?: OpenProgram;
}

/** What deployers work with at a place. */
export async function deployContext(
  release: Release,
  { target, slot, name }: Place,
  { commit, kept, onProgress, openProgram = daggerProgram }: RunOptions,
): Promise<Omit<DeployContext, "signal">> {
  const { pipeline, logins } = release;
  const folder = name.replace("/", "-");
  const settings = new Settings(release);
  const scrubSettings = await settings.scrubber();
  const scrub = (text: string) => scrubSettings(logins.scrub(text));
  return {
    ...{ pipeline, target, slot, place: name, settings, openProgram, scrub },
    loginFor: (host) => Promise.resolve(logins.for(host)),
    file: async (path) => (await release.history()).file(commit, path),
    keep: (path, text) => void kept.set(`deploy/${commit}/${folder}/${path}`, scrub(text)),
    onProgress: (line) => onProgress(scrub(line)),
  };
}
