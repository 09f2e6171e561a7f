import { posix } from "node:path";
import { fileNameOf, outputFile } from "../pipeline/schema/output-file.ts";

/** What an image that runs has, or makes it uncertain where copies come to lie. */
const RUNS = /^\s*(?:CMD|ENTRYPOINT|EXPOSE|HEALTHCHECK|RUN|WORKDIR)\s|\$/im;

/**
 * Paths of the files that a Dockerfile is there for: those that its last stage, which is empty
 * otherwise and runs nothing, gets by name. None where that can't be told.
 */
export function releasedFiles(dockerfile: string): string[] {
  const stage = dockerfile.split(/^\s*FROM\s+/im).at(-1) ?? "";
  if (!/^scratch\b/i.test(stage) || RUNS.test(stage)) return [];
  const lines = stage
    .replaceAll(/\\\r?\n/g, " ")
    .split("\n")
    .slice(1);
  const copied = lines.flatMap((line) => {
    const [instruction = "", ...words] = line.trim().split(/\s+/);
    if (!/^(?:COPY|ADD)$/i.test(instruction)) return [];
    const [target = "", ...sources] = words.filter((word) => !word.startsWith("--")).reverse();
    return sources.map((source) => pathOf(source, target)).reverse();
  });
  const paths = [...new Set(copied)];
  const names = new Set(paths.map(fileNameOf));
  const certain = paths.every((path) => outputFile.safeParse(path).success);
  return certain && names.size === paths.length ? paths : [];
}

/** Where a copy of a file comes to lie; empty for what may be a directory, as it has no suffix. */
function pathOf(source: string, target: string): string {
  const name = posix.basename(target.endsWith("/") ? source : target);
  const path = target.endsWith("/") ? `${target}${name}` : target;
  return posix.extname(name) === "" ? "" : posix.resolve("/", path);
}
