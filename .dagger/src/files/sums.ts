import type { ReleasedFile } from "./artifact.ts";

/** The list of checksums of these files, as `sha256sum --check` reads it. */
export function sumsOf(files: readonly Pick<ReleasedFile, "name" | "digest">[]): string {
  return files.map(({ name, digest }) => `${hexOf(digest)}  ${name}\n`).join("");
}

/** Where a list of checksums says otherwise than the artifact that it is in. */
export interface Contradiction {
  file: ReleasedFile;
  /** Digest by the list; undefined when the file is not in it. */
  listed: string | undefined;
}

/** The first file of which a list has not the checksum that it should have. */
export function contradiction(
  files: readonly ReleasedFile[],
  list: string,
): Contradiction | undefined {
  const listed = readSums(list);
  const file = files.find(({ name, digest }) => listed.get(name) !== digest);
  return file && { file, listed: listed.get(file.name) };
}

/** The 64 hex digits of a digest, as such lists have them. */
export function hexOf(digest: string): string {
  return digest.replace(/^sha256:/, "");
}

function readSums(text: string): Map<string, string> {
  return new Map(
    text.split("\n").flatMap((line) => {
      const [, hex, name] = /^([0-9a-f]{64}) [ *](.+)$/.exec(line) ?? [];
      return hex === undefined || name === undefined ? [] : [[name, `sha256:${hex}`] as const];
    }),
  );
}
