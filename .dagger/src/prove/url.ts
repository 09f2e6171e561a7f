import { systemClock, type Clock } from "../verify/clock.ts";
import { get as httpGet, type Get } from "../verify/probe/http.ts";
import { probe, type Attempt } from "../verify/probe/probe.ts";
import { seconds } from "../verify/seconds.ts";
import { publicUrl } from "./address.ts";
import { reportOf, type Course } from "./course.ts";
import { demandsOf, type Demand, type Demanded } from "./demand.ts";
import { meeting } from "./meeting.ts";
import type { Proof } from "./proof.ts";
import { differencesOf, type ExpectedVersion } from "./version.ts";
import { verdictOf } from "./verdict.ts";

/** What `proveUrl` takes. */
export interface ProveOptions extends Demanded {
  /** Where users find the target; http or https. */
  url: string;
  expected: ExpectedVersion;
  /** Default: the machine's clock. */
  clock?: Clock;
  /** Default: HTTP and HTTPS over a connection of its own. */
  get?: Get;
  /** Ends it early; the proof then has not passed. */
  signal?: AbortSignal;
  /** Takes secrets out of answers. */
  scrub?: (text: string) => string;
  /** Told what is new, one line each. */
  onProgress?: (line: string) => void;
}

/**
 * Proves that a public URL serves a commit: every probe passes and the version endpoint names the
 * commit, and once all do they go on doing so for the stability window. Until then other answers are
 * asked again, up to the deadline: behind a load balancer the old release may answer for a while.
 * Ends with the first request that fails. Redirects are followed on the same host only, an invalid
 * certificate is no answer.
 *
 * @throws SluiceError `TARGET_URL_INVALID`; a target that fails is a proof that has not passed
 */
export async function proveUrl(options: ProveOptions): Promise<Proof> {
  const { clock = systemClock, expected, scrub = (text: string) => text } = options;
  const base = publicUrl(options.url);
  const begun = clock.now();
  const failed = new AbortController();
  const signal = AbortSignal.any([failed.signal, ...(options.signal ? [options.signal] : [])]);
  const courses = demandsOf(base, options).map((demand): Course => {
    return { demand, attempts: [], end: undefined };
  });
  const allHealthy = meeting(courses.length, signal);
  await Promise.all(
    courses.map(async (course) => {
      const { demand, attempts } = course;
      const tell = teller(demand, options.onProgress);
      course.end = await probe(demand.url, demand.expected, demand.timing, {
        clock,
        get: options.get ?? httpGet,
        signal,
        onAttempt: (attempt) => {
          const error = attempt.error === null ? null : scrub(attempt.error);
          attempts.push({ ...attempt, error });
          tell({ ...attempt, error });
        },
        onHealthy: allHealthy,
      });
      if (!course.end.passed && !("cancelled" in course.end)) failed.abort();
    }),
  );
  const version = courses.find(({ demand }) => demand.seen);
  const seen = version?.demand.seen?.();
  const fields = Object.fromEntries(
    Object.entries(seen?.fields ?? {}).map(([key, value]) => [key, scrub(value)]),
  );
  return {
    url: base.href,
    ...verdictOf(base, courses, expected.commit, scrub),
    probes: courses.filter((course) => course !== version).map(reportOf),
    version: version
      ? {
          ...reportOf(version),
          commit: expected.commit,
          found: seen?.commit === undefined ? null : scrub(seen.commit),
          fields,
          differences: differencesOf(fields, expected),
        }
      : null,
    startedAt: new Date(begun).toISOString(),
    durationMs: clock.now() - begun,
  };
}

/** Tells of an attempt when its outcome is another one than that of the attempt before. */
function teller({ what }: Demand, onProgress?: (line: string) => void) {
  let last: string | null | undefined;
  return ({ error, atMs }: Attempt): void => {
    if (error === last) return;
    last = error;
    onProgress?.(`${what}: ${error ?? "as expected"}, after ${seconds(atMs)}`);
  };
}
