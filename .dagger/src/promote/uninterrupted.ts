import { SluiceError } from "../error.ts";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;
/** What is nearly done may be finished; what takes longer than this is given up. */
const PATIENCE_MS = 2000;

/**
 * Does work that must not be cut in the middle. When the process is asked to end meanwhile, it goes
 * on for two seconds; then `hurry` is aborted, and the work has to come to a sound end by itself.
 * Only after that the process ends.
 *
 * @param asked told once, when the process is asked to end
 */
export async function uninterrupted<T>(
  work: (hurry: AbortSignal) => Promise<T>,
  asked: () => void,
): Promise<T> {
  const hurry = new AbortController();
  let signal: NodeJS.Signals | undefined;
  let timer: NodeJS.Timeout | undefined;
  const handle = (received: NodeJS.Signals): void => {
    if (signal) return;
    signal = received;
    asked();
    timer = setTimeout(
      () => hurry.abort(new SluiceError("INTERRUPTED", "the run was asked to stop")),
      PATIENCE_MS,
    );
  };
  for (const name of SIGNALS) process.on(name, handle);
  try {
    return await work(hurry.signal);
  } finally {
    clearTimeout(timer);
    for (const name of SIGNALS) process.off(name, handle);
    if (signal) await end(signal);
  }
}

/** Ends the process as the signal would have, once everything that was said is out. */
function end(signal: NodeJS.Signals): Promise<never> {
  process.stdout.write("", () => process.kill(process.pid, signal));
  return new Promise(() => undefined);
}
