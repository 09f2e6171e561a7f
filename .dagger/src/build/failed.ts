import { z } from "zod";
import { SluiceError } from "../error.ts";
import type { PipelineService } from "../pipeline/model.ts";

/** Lines of a failed command's output that are shown. */
const SHOWN_LINES = 20;

/**
 * The error of a service whose image can't be built: engines name the step, but neither the service
 * nor the Dockerfile, and several are built at once.
 */
export function buildFailed(
  { name, context, dockerfile }: PipelineService,
  error: unknown,
): SluiceError {
  const text = error instanceof Error ? error.message : String(error);
  const [reason = "", ...more] = text.trim().split("\n");
  const file = context === "." ? dockerfile : `${context}/${dockerfile}`;
  const detail = more.length > 0 ? more : outputOf(error);
  return new SluiceError("BUILD_FAILED", `${name} can't be built from ${file}: ${reason}`, {
    ...(detail.length > 0 ? { detail: detail.join("\n") } : {}),
    cause: error,
    hint: `repair it, and try with: sluice call build --service ${name} summary`,
  });
}

/** A failed command, by its shape: the library that engines give to modules exports no such class. */
const execError = z.object({ stdout: z.string(), stderr: z.string(), exitCode: z.number() });

function outputOf(error: unknown): string[] {
  const { data: failed } = execError.safeParse(error);
  if (!failed) return [];
  return `${failed.stdout}\n${failed.stderr}`
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(-SHOWN_LINES);
}
