import { SluiceError } from "../error.ts";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;
/** What is nearly done may be finished; what takes longer than this is given up. */
const PATIENCE_MS = 2000;

/** How work learns that the process is asked to end. */
export interface Interruption {
  /** Aborted at once: nothing new should begin. */
  asked: AbortSignal;
  /** Aborted after two seconds: what has begun has to come to a sound end. */
  hurry: AbortSignal;
}

/**
 * Does work that must not be cut in the middle. When the process is asked to end meanwhile, the
 * work is told, and comes to an end by itself. Only after that the process ends.
 *
 * @param told called once, when the process is asked to end
 */
export async function uninterrupted<T>(
  work: (interruption: Interruption) => Promise<T>,
  told: () => void,
): Promise<T> {
  const asked = new AbortController();
  const hurry = new AbortController();
  let signal: NodeJS.Signals | undefined;
  let timer: NodeJS.Timeout | undefined;
  const handle = (received: NodeJS.Signals): void => {
    if (signal) return;
    signal = received;
    told();
    const reason = new SluiceError("INTERRUPTED", "the run was asked to stop");
    asked.abort(reason);
    timer = setTimeout(() => hurry.abort(reason), PATIENCE_MS);
  };
  for (const name of SIGNALS) process.on(name, handle);
  try {
    return await work({ asked: asked.signal, hurry: hurry.signal });
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
