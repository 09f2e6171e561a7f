import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Container } from "@dagger.io/dagger";
import { firstLine, SluiceError } from "../error.ts";
import type { PipelineService } from "../pipeline/model.ts";
import { fileNameOf } from "../pipeline/schema/output-file.ts";
import type { ReleasedFile } from "./artifact.ts";
import { MAX_FILE_BYTES } from "./limits.ts";

/** A file to be released, on this machine. */
export interface CollectedFile extends ReleasedFile {
  path: string;
}

/**
 * Copies the files of a built image to a folder of this machine.
 *
 * @throws SluiceError `FILES_UNUSABLE` for one that is empty, too large, or can't be read
 */
export async function collectFiles(
  { name: service, files }: Pick<PipelineService, "name" | "files">,
  image: Container,
  folder: string,
  maxBytes = MAX_FILE_BYTES,
): Promise<CollectedFile[]> {
  return Promise.all(
    files.map(async (file) => {
      const name = fileNameOf(file);
      const path = join(folder, name);
      await image
        .file(file)
        .export(path)
        .catch((error: unknown) => {
          throw unusable(
            service,
            `${file} can't be read from the image: ${firstLine(error)}`,
            error,
          );
        });
      const { size } = await stat(path);
      if (size === 0) throw unusable(service, `${file} is empty; expected at least one byte`);
      if (size > maxBytes) {
        throw unusable(service, `${file}: expected at most ${maxBytes} bytes, got ${size}`);
      }
      return { name, digest: await digestOfFile(path), size, path };
    }),
  );
}

async function digestOfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return `sha256:${hash.digest("hex")}`;
}

function unusable(service: string, why: string, cause?: unknown): SluiceError {
  return new SluiceError("FILES_UNUSABLE", `${service}: ${why}`, {
    cause,
    hint: "see to the Dockerfile that makes it, then publish the new commit",
  });
}
