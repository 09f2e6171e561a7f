import { constants } from "node:os";
import { SluiceError } from "../core/error.ts";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
type StopSignal = (typeof signals)[number];

/** 128 + the signal's number, as shells report it. */
export const signalExitCode = (signal: StopSignal): number => 128 + constants.signals[signal];

/** The run was stopped by a signal. */
export class Interrupted extends SluiceError {
  override readonly name = "Interrupted";

  constructor(readonly signal: StopSignal) {
    super("INTERRUPTED", `interrupted by ${signal}`);
  }
}

/**
 * Runs `work`; the first Ctrl-C (or SIGTERM, SIGHUP) calls `stop`, waits for it and fails with
 * {@link Interrupted}; the second ends the process at once. What that leaves behind, the next start
 * sweeps.
 */
export async function interruptible<T>(
  work: () => Promise<T>,
  stop: (signal: StopSignal) => Promise<void>,
): Promise<T> {
  let interrupt: (reason: Promise<never>) => void = () => undefined;
  const interrupted = new Promise<never>((resolve) => (interrupt = resolve));
  let stopping = false;
  const handle = (signal: StopSignal) => {
    if (stopping) process.exit(signalExitCode(signal));
    stopping = true;
    interrupt(
      stop(signal).then(() => {
        throw new Interrupted(signal);
      }),
    );
  };
  for (const signal of signals) process.on(signal, handle);
  try {
    // Whatever comes of it after it was stopped is a consequence, not a result.
    const settled = work().then(
      (result) => (stopping ? interrupted : result),
      (error: unknown) => {
        if (stopping) return interrupted;
        throw error;
      },
    );
    return await Promise.race([settled, interrupted]);
  } finally {
    for (const signal of signals) process.off(signal, handle);
  }
}
