import { SluiceError } from "../error.ts";
import type { Pipeline, PipelineService } from "../pipeline/model.ts";
import { suggestion } from "../pipeline/suggest.ts";

/** The services of these names, in the file's order; all without names. Throws `SERVICE_UNKNOWN`. */
export function selectServices(
  { file, services }: Pipeline,
  names: readonly string[],
): readonly PipelineService[] {
  const known = services.map(({ name }) => name);
  for (const name of names) {
    if (known.includes(name)) continue;
    throw new SluiceError(
      "SERVICE_UNKNOWN",
      `${file} has no service ${JSON.stringify(name)}${suggestion(name, known)}`,
      { hint: `name one of: ${known.join(", ")}` },
    );
  }
  return names.length === 0 ? services : services.filter(({ name }) => names.includes(name));
}
