import { z } from "zod";
import { SluiceError } from "../../core/error.ts";

const extensions = z.looseObject({
  code: z.string().optional().catch(undefined),
  hint: z.string().optional().catch(undefined),
  cmd: z.array(z.string()).optional().catch(undefined),
  exitCode: z.number().int().optional().catch(undefined),
  stdout: z.string().optional().catch(undefined),
  stderr: z.string().optional().catch(undefined),
});

/** A query that the engine answered with an error. */
export class CallError extends SluiceError {
  override readonly name = "CallError";
  /** The failed command, when one failed. */
  readonly exec: { cmd: string[]; exitCode: number; stdout: string; stderr: string } | undefined;

  constructor(
    message: string,
    /** The fields that lead to where it happened. */
    readonly path: readonly (string | number)[] = [],
    details: Readonly<Record<string, unknown>> = {},
  ) {
    const known = extensions.parse(details);
    super(known.code ?? "FUNCTION_FAILED", message, { hint: known.hint });
    const { exitCode, cmd = [], stdout = "", stderr = "" } = known;
    if (details._type === "EXEC_ERROR" && exitCode !== undefined)
      this.exec = { cmd, exitCode, stdout, stderr };
  }
}
