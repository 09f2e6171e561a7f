import { systemClock, type Clock } from "../verify/clock.ts";
import { attempt } from "../verify/probe/attempt.ts";
import { get as httpGet, type Get } from "../verify/probe/http.ts";
import { seconds } from "../verify/seconds.ts";
import { publicUrl } from "./address.ts";
import { demandsOf, type Demand, type Demanded } from "./demand.ts";
import type { Watch } from "./watch-model.ts";
import { watchedLogs } from "./watched-logs.ts";

export type { Watch } from "./watch-model.ts";

const EVERY_MS = 5_000;
const LOGS_EVERY_MS = 30_000;
/** Longest wait for an answer; milliseconds. */
const PATIENCE_MS = 5_000;
/** Checks in a row that end the watch when they fail. */
const IN_A_ROW = 3;
/** Of so many checks no more than one may fail. */
const ONE_IN = 10;

/** What `watchTarget` takes. */
export interface WatchOptions extends Demanded {
  /** Where users find the target; http or https. */
  url: string;
  forMs: number;
  /** Default 5 seconds; milliseconds. */
  everyMs?: number;
  /** The platform's last log lines; read every 30 seconds and at the end. */
  logs?: () => Promise<string>;
  clock?: Clock;
  get?: Get;
  /** Ends it early; the watch then has not passed. */
  signal?: AbortSignal;
  /** Takes secrets out of answers and logs. */
  scrub?: (text: string) => string;
  onProgress?: (line: string) => void;
}

/**
 * Watches health and version of a target for a set time. It fails as soon as three checks in a row
 * fail, and at the end when more than one in ten did; a single failure is reported. It doesn't end
 * with a check that failed: that is asked again, until it is clear. Errors in logs are reported, too,
 * and no part of the verdict.
 *
 * @throws SluiceError `TARGET_URL_INVALID`; a target that fails is a watch that has not passed
 */
export async function watchTarget(options: WatchOptions): Promise<Watch> {
  const { forMs, clock = systemClock, scrub = (text: string) => text } = options;
  const everyMs = Math.max(1, options.everyMs ?? EVERY_MS);
  const signal = options.signal ?? new AbortController().signal;
  const interrupted = () => signal.aborted;
  const base = publicUrl(options.url);
  const demands = demandsOf(base, options);
  const logs = options.logs && watchedLogs(options.logs, { clock, signal, scrub });
  const begun = clock.now();
  const elapsed = () => clock.now() - begun;
  const failures: Watch["failures"] = [];
  let checks = 0;
  let inARow = 0;
  let logsDue = 0;
  while (!interrupted()) {
    const atMs = elapsed();
    const problems = await check(demands, options.get ?? httpGet, signal);
    if (interrupted()) break;
    checks += 1;
    inARow = problems.length > 0 ? inARow + 1 : 0;
    if (problems.length > 0) {
      const reason = scrub(problems.join("; "));
      failures.push({ atMs, reason });
      options.onProgress?.(`${base.href} after ${seconds(atMs)}: ${reason}`);
    }
    if (inARow === IN_A_ROW || (elapsed() >= forMs && inARow === 0)) break;
    if (elapsed() >= logsDue) {
      await logs?.read();
      logsDue += LOGS_EVERY_MS;
    }
    // In step with the beginning; the last check comes when the time is over.
    const next = (Math.floor(elapsed() / everyMs) + 1) * everyMs;
    const due = elapsed() < forMs ? Math.min(next, forMs) : next;
    await clock.sleep(due - elapsed(), signal);
  }
  await logs?.read();
  const seen = { checks, failures, inARow, interrupted: interrupted(), durationMs: elapsed() };
  return {
    ...verdictOf(base, seen),
    url: base.href,
    forMs,
    everyMs,
    checks,
    failures,
    logs: logs?.report() ?? null,
    startedAt: new Date(begun).toISOString(),
    durationMs: elapsed(),
  };
}

/** Asks everything once; answers what is wrong. */
async function check(demands: readonly Demand[], get: Get, signal: AbortSignal): Promise<string[]> {
  const outcomes = await Promise.all(
    demands.map(async ({ url, expected, what }) => {
      const { problem } = await attempt(url, expected, get, PATIENCE_MS, signal);
      return problem ? [`${what}: expected ${problem.expected}, got ${problem.found}`] : [];
    }),
  );
  return outcomes.flat();
}

function verdictOf(
  base: URL,
  seen: Pick<Watch, "checks" | "failures" | "durationMs"> & {
    inARow: number;
    interrupted: boolean;
  },
): Pick<Watch, "passed" | "code" | "reason"> {
  const { checks, failures, inARow, interrupted } = seen;
  const time = seconds(seen.durationMs);
  const counted = `${failures.length} of ${checks} checks failed`;
  if (inARow === IN_A_ROW) {
    const last = failures.at(-1)?.reason ?? "";
    const reason = `${base.href} failed ${IN_A_ROW} checks in a row, after ${time}: ${last}`;
    return { passed: false, code: "WATCH_FAILING", reason };
  }
  if (interrupted) {
    const reason = `the watch of ${base.href} was interrupted after ${time}; ${counted}`;
    return { passed: false, code: "INTERRUPTED", reason };
  }
  if (failures.length > 1 && failures.length * ONE_IN > checks) {
    const last = failures.at(-1)?.reason ?? "";
    const reason = `${base.href} was unstable in ${time}: ${counted}, the last with ${last}`;
    return { passed: false, code: "WATCH_UNSTABLE", reason };
  }
  const reason = `${base.href} was healthy for ${time}: ${
    failures.length === 0 ? `${checks} checks passed` : counted
  }`;
  return { passed: true, code: null, reason };
}
