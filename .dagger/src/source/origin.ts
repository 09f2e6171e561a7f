import type { Directory } from "@dagger.io/dagger";
import { originUrl } from "../git/source.ts";
import { webAddress } from "./web-address.ts";

/** Web address of the repository that a source was cloned from; undefined when it has no remote one. */
export async function originOf(source: Directory): Promise<string | undefined> {
  const url = originUrl(await source.file(".git/config").contents());
  return url === undefined ? undefined : webAddress(url);
}
