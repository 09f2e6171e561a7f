import { firstLine } from "../error.ts";
import { within, type Clock } from "../verify/clock.ts";
import { errorLines } from "./error-lines.ts";
import type { Watch } from "./watch-model.ts";

/** Longest wait for a platform's logs; milliseconds. */
const PATIENCE_MS = 30_000;
const LINES = 50;
/** Characters of a line that are kept. */
const WIDTH = 500;

/** Reads a target's logs again and again, and keeps what is worth it. */
export interface WatchedLogs {
  /** Reads once; never rejects. */
  read(): Promise<void>;
  report(): NonNullable<Watch["logs"]>;
}

/** @param logs the platform's last log lines */
export function watchedLogs(
  logs: () => Promise<string>,
  { clock, signal, scrub }: { clock: Clock; signal: AbortSignal; scrub: (text: string) => string },
): WatchedLogs {
  const errors = new Set<string>();
  let read = 0;
  let error: string | null = null;
  let tail: string[] = [];
  return {
    async read() {
      try {
        const answer = await within(clock, PATIENCE_MS, signal, logs());
        if (!answer) {
          error = signal.aborted ? error : `no logs within ${PATIENCE_MS / 1000} s`;
          return;
        }
        // Cut only afterwards: half a secret would not be found.
        const text = scrub(answer.value).trimEnd();
        tail = text === "" ? [] : text.split("\n").slice(-LINES).map(cut);
        // Readings overlap; lines mostly begin with their time, which tells them apart.
        for (const line of errorLines(text)) errors.add(cut(line));
        read += 1;
        error = null;
      } catch (cause) {
        error = scrub(firstLine(cause));
      }
    },
    report: () => ({
      read,
      error,
      errorLines: [...errors].slice(0, LINES),
      errorCount: errors.size,
      tail,
    }),
  };
}

function cut(line: string): string {
  return line.length > WIDTH ? `${line.slice(0, WIDTH)}…` : line;
}
