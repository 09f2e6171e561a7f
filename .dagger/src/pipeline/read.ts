import type { Directory } from "@dagger.io/dagger";
import { firstLine, SluiceError } from "../error.ts";
import { refuseOwnSource } from "../source/own.ts";
import type { Pipeline } from "./model.ts";
import { parsePipeline } from "./parse.ts";

/**
 * Reads the pipeline file of a source.
 *
 * @throws SluiceError `PIPELINE_NOT_FOUND`, `SOURCE_NOT_GIVEN`, `PIPELINE_INVALID`
 */
export async function readPipeline(source: Directory, path: string): Promise<Pipeline> {
  let text: string;
  try {
    text = await source.file(path).contents();
  } catch (error) {
    await refuseOwnSource(source, `no ${path}`);
    throw new SluiceError(
      "PIPELINE_NOT_FOUND",
      `${path}: the source has no such file (${firstLine(error)})`,
      { cause: error, hint: "write one with sluice init, or name it with --pipeline" },
    );
  }
  return parsePipeline(text, path);
}
