import { SluiceError } from "../../core/error.ts";

/** The daemon answered, and refused. */
export class DaemonError extends SluiceError {
  override readonly name = "DaemonError";

  constructor(
    readonly status: number,
    /** The daemon's own words. */
    readonly reason: string,
    request: string,
    code = "DOCKER_ERROR",
    hint?: string,
  ) {
    super(code, `Docker refused ${request}: ${reason} (HTTP ${status})`, { hint });
  }
}

export function isNotFound(error: unknown): boolean {
  return error instanceof DaemonError && error.status === 404;
}

/** Gives a refusal by the daemon its code. */
export function refusal(status: number, reason: string, request: string): DaemonError {
  const text = reason.trim();
  if (isDiskFull(text)) {
    const hint = "Free disk space on the Docker host (docker system df shows what takes it).";
    return new DaemonError(status, text, request, "DISK_FULL", hint);
  }
  return new DaemonError(status, text, request);
}

export function isDiskFull(text: string): boolean {
  return /no space left on device|disk quota exceeded/i.test(text);
}

/** The daemon did not answer: it is gone, or the session ended while it was asked. */
export function unanswered(cause: unknown, request: string, place: string): Error {
  if (cause instanceof SluiceError) return cause;
  if (cause instanceof Error && cause.name === "AbortError") {
    return new SluiceError("INTERRUPTED", `interrupted during ${request}`, { cause });
  }
  const why = cause instanceof Error ? cause.message : String(cause);
  return new SluiceError(
    "DOCKER_LOST",
    `The Docker daemon at ${place} stopped answering during ${request}: ${why}`,
    { hint: "Check that the daemon is running, then run the command again.", cause },
  );
}
