import { posix } from "node:path";
import type { Directory } from "@dagger.io/dagger";
import { releasedFiles } from "./files.ts";

/** A Dockerfile of the source. */
export interface FoundDockerfile {
  /** Directory that it is in; `.` for the source itself. */
  folder: string;
  /** `Dockerfile`, `web.Dockerfile`, … */
  file: string;
  /** First port that its EXPOSE names. */
  port: number | undefined;
  /** Paths of the files that its image is made for; empty for one that runs. */
  files: readonly string[];
}

const ELSEWHERE = /(?:^|\/)(?:node_modules|vendor|\.git|\.venv|third_party|testdata)(?:\/|$)/;

/** Every Dockerfile of a source, those of dependencies left out. */
export async function findDockerfiles(source: Directory): Promise<FoundDockerfile[]> {
  const found = await Promise.all(
    ["**/Dockerfile", "**/*.Dockerfile", "**/Dockerfile.*"].map((pattern) => source.glob(pattern)),
  );
  const paths = [...new Set(found.flat())].filter(
    (path) => !ELSEWHERE.test(path) && !path.endsWith(".dockerignore"),
  );
  return Promise.all(
    paths.sort().map(async (path) => {
      const text = await source.file(path).contents();
      return {
        ...{ folder: posix.dirname(path), file: posix.basename(path) },
        ...{ port: exposedPort(text), files: releasedFiles(text) },
      };
    }),
  );
}

/** The first port that a Dockerfile's last stage exposes; undefined for one in a variable. */
export function exposedPort(dockerfile: string): number | undefined {
  const stage = dockerfile.split(/^\s*FROM\s/im).at(-1) ?? "";
  const [, port] = /^\s*EXPOSE\s+(\d+)/im.exec(stage) ?? [];
  return port === undefined ? undefined : Number(port);
}
