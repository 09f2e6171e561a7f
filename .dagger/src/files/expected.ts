import { type Container, ExistsType } from "@dagger.io/dagger";
import { SluiceError } from "../error.ts";
import type { PipelineService } from "../pipeline/model.ts";

/**
 * Makes sure that an image has the files that it was built for.
 *
 * @throws SluiceError `FILES_MISSING` with each path at which there is no file
 */
export async function expectFiles(
  { name, files }: Pick<PipelineService, "name" | "files">,
  image: Container,
): Promise<void> {
  const found = await Promise.all(
    files.map(async (path) => {
      if (await image.exists(path, { expectedType: ExistsType.RegularType })) return [];
      const what = (await image.exists(path)) ? "something that is no file" : "nothing";
      return [`expected a file at ${path} in the image, found ${what}`];
    }),
  );
  const [first, ...others] = found.flat();
  if (first === undefined) return;
  throw new SluiceError("FILES_MISSING", `${name}: ${first}`, {
    ...(others.length > 0 ? { detail: others.map((line) => `  ${line}`).join("\n") } : {}),
    hint: "see to the last stage of its Dockerfile, or to its files in the pipeline file",
  });
}
