import { z } from "zod";
import { SluiceError } from "../../core/error.ts";
import { tarFromTree } from "../../content/tar.ts";
import { Tree } from "../../content/tree.ts";
import { jsonLines } from "../daemon/lines.ts";
import type { BuildSpec, StoredImage } from "../types.ts";
import type { Workshop } from "../workshop.ts";
import { buildQuery, translate } from "./build.ts";
import type { BuildSources } from "./session.ts";
import { buildFailure } from "./failure.ts";

const classicLine = z.object({
  stream: z.string().optional(),
  error: z.string().optional(),
  aux: z.object({ ID: z.string().optional() }).nullish(),
});

const FAILED_COMMAND = /The command '(.*)' returned a non-zero code: (\d+)/s;
const SHOWN_LINES = 20;

/** Builds with the classic build call, which Podman also has. */
export async function classicBuild(
  workshop: Workshop,
  spec: BuildSpec,
  { context, dockerfile }: BuildSources,
): Promise<StoredImage> {
  if (spec.secrets.length > 0) {
    throw new SluiceError(
      "BUILD_SECRETS_UNSUPPORTED",
      `this container runtime cannot give the build secret ${JSON.stringify(spec.secrets[0]?.id)} to a Dockerfile`,
      { hint: "Use Docker, whose BuildKit mounts secrets, or build without secrets." },
    );
  }
  const { daemon, images, signal, store, scrub } = workshop;
  const output: string[] = [];
  let built: string | undefined;
  try {
    const answer = await daemon.stream("POST", "/build", {
      query: { ...buildQuery(spec), version: "1", rm: "true", forcerm: "true" },
      headers: { "content-type": "application/x-tar" },
      upload: tarFromTree(store, Tree.of([...context.entries, ...dockerfile.entries])),
      signal,
    });
    for await (const line of jsonLines(answer)) {
      const { stream, error, aux } = classicLine.parse(line);
      if (error !== undefined) {
        const [, command, code] = FAILED_COMMAND.exec(error) ?? [];
        const words =
          command === undefined
            ? error
            : `executor failed running [${command}]: exit code: ${code ?? ""}`;
        const step = { name: "build", error, stdout: output.join("\n"), stderr: "" };
        throw buildFailure(words, step, scrub);
      }
      built = aux?.ID ?? /^Successfully built ([0-9a-f]+)/.exec(stream ?? "")?.[1] ?? built;
      for (const text of (stream ?? "").trimEnd().split("\n")) {
        if (text === "") continue;
        spec.progress?.(scrub(text));
        output.push(text);
        if (output.length > SHOWN_LINES) output.shift();
      }
    }
  } catch (error) {
    throw translate(error);
  }
  if (built === undefined)
    throw new SluiceError("BUILD_FAILED", "the build ended without an image");
  return images.inspect(built);
}
