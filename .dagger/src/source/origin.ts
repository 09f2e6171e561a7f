import type { Directory } from "@dagger.io/dagger";
import { webAddress } from "./web-address.ts";

/** Web address of the repository that a source was cloned from; undefined when it has no remote one. */
export async function originOf(source: Directory): Promise<string | undefined> {
  const config = await source.file(".git/config").contents();
  const [, section = ""] = /^\[remote "origin"\]\s*$([^[]*)/m.exec(config) ?? [];
  const [, url] = /^\s*url\s*=\s*(\S+)\s*$/m.exec(section) ?? [];
  return url === undefined ? undefined : webAddress(url);
}
