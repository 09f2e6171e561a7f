/**
 * An error that an operator can act on: what happened, a stable code, and what to do next.
 * Everything the engine or the launcher throws on purpose is one of these.
 */
export class SluiceError extends Error {
  override readonly name: string = "SluiceError";

  constructor(
    /** Stable, machine-readable code such as `DOCKER_UNREACHABLE`. Never reworded. */
    readonly code: string,
    message: string,
    readonly options: {
      /** The next step, in the imperative: "Start Docker Desktop, then run the command again." */
      hint?: string;
      cause?: unknown;
      /** Extra GraphQL error extensions. */
      extensions?: Record<string, unknown>;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
  }
}

/** What a failed exec reports; the SDK rebuilds its `ExecError` from these extensions. */
export interface ExecFailure {
  cmd: string[];
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** A command that ran and did not exit as expected; has the shape of the real engine's error. */
export class ExecFailedError extends SluiceError {
  override readonly name = "ExecFailedError";

  constructor(
    readonly failure: ExecFailure,
    message?: string,
  ) {
    super("EXEC_ERROR", message ?? `exit code: ${failure.exitCode}`, {
      extensions: { _type: "EXEC_ERROR", ...failure },
    });
  }
}

/** Something of the machine is missing or in the way: not the function's fault, not the user's typing. */
const environmentCodes = new Set([
  "DAGGER_FAILED",
  "DAGGER_NOT_FOUND",
  "DISK_FULL",
  "DOCKER_UNREACHABLE",
  "DOCKER_LOST",
  "PORT_IN_USE",
  "TOOLBOX_MISSING",
]);

/** Whether an error is the machine's, which no change of module or pipeline would help. */
export function isEnvironmentError(error: SluiceError): boolean {
  return environmentCodes.has(error.code);
}
