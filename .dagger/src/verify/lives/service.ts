import { Failed } from "../failed.ts";
import { defaults, type ServiceProbe, type ServiceUnderTest } from "../input.ts";
import type { ProbeReport, ServiceReport } from "../model.ts";
import { describeExpectation, type Expectation } from "../probe/expectation.ts";
import { probe, type ProbeEnd, type ProbeTiming } from "../probe/probe.ts";
import { seconds } from "../seconds.ts";
import { describeListeners } from "../supervise/sockets.ts";
import type { Context } from "./context.ts";
import { digestOf } from "./digest.ts";
import { Life, type Running } from "./life.ts";
import { specOf } from "./spec.ts";

/** An exit shows a little later than the connection that it cuts; milliseconds. */
const EXIT_GRACE_MS = 150;
const LISTENERS_TIMEOUT_MS = 1000;

/** One probe, its defaults filled in, and its course so far. */
interface Course {
  probe: ServiceProbe;
  port: number;
  expected: Expectation;
  timing: ProbeTiming;
  attempts: ProbeReport["attempts"];
  end?: ProbeEnd;
}

/** A service under verification: all its probes have to pass. */
export class ServiceLife extends Life {
  readonly #courses: readonly Course[];

  constructor(
    context: Context,
    private readonly service: ServiceUnderTest,
    needs: readonly Life[],
  ) {
    const ports = [service.port, ...service.probes.flatMap(({ port }) => port ?? [])];
    super(context, specOf({ ...service, image: service.ref }, [...new Set(ports)]), needs);
    this.#courses = service.probes.map((item) => ({
      probe: item,
      port: item.port ?? service.port,
      expected: { status: [200], ...item.expect },
      timing: {
        deadlineMs: item.deadlineMs ?? defaults.probe.deadlineMs,
        stableForMs: item.stableForMs ?? defaults.probe.stableForMs,
        intervalMs: item.intervalMs ?? defaults.probe.intervalMs,
      },
      attempts: [],
    }));
  }

  protected async prove(running: Running): Promise<void> {
    let unhealthy = this.#courses.length;
    const onHealthy = () => {
      if (--unhealthy === 0) this.markUsable();
    };
    await Promise.all(this.#courses.map((course) => this.#probe(course, running, onHealthy)));
    const failed = this.#courses.find(({ end }) => end?.passed === false);
    if (failed) throw await this.#failure(failed, running);
  }

  async #probe(course: Course, running: Running, onHealthy: () => void): Promise<void> {
    const url = new URL(`http://${await running.container.endpoint(course.port)}`);
    // Not `new URL(path, base)`: a path that begins with two slashes would name another host.
    const [path = "/", query] = course.probe.path.split(/\?(.*)/s, 2);
    url.pathname = path;
    url.search = query ?? "";
    const startedAt = running.age();
    course.end = await probe(url, course.expected, course.timing, {
      clock: this.context.clock,
      get: this.context.get,
      signal: running.signal,
      onAttempt: (attempt) =>
        course.attempts.push({
          ...attempt,
          atMs: attempt.atMs + startedAt,
          error: attempt.error === null ? null : this.context.scrub(attempt.error),
        }),
      onHealthy,
    });
  }

  async #failure({ probe: { path }, port, timing, end, attempts }: Course, running: Running) {
    if (!end || end.passed || "cancelled" in end) return new Error(`the probe of ${path} was cut`);
    const { problem, healthyAfterMs } = end;
    const answered = attempts.at(-1)?.status !== null;
    let { found } = problem;
    if (!answered) {
      await this.context.clock.sleep(EXIT_GRACE_MS, running.signal);
      if (!running.signal.aborted) found = await this.#unanswered(port, found, running);
    }
    const what = `${problem.expected} from GET :${port}${path}`;
    if (healthyAfterMs === null) {
      return new Failed(problem.code, `${what} within ${seconds(timing.deadlineMs)}`, found);
    }
    const expected = `${what} for ${seconds(timing.stableForMs)}`;
    const since = seconds(running.age() - healthyAfterMs);
    return new Failed("PROBE_UNSTABLE", expected, `${found}, ${since} after it was healthy`);
  }

  /** Says more about a missing answer, as far as the container knows it. */
  async #unanswered(port: number, found: string, { container }: Running): Promise<string> {
    const listeners = await container.listeners(AbortSignal.timeout(LISTENERS_TIMEOUT_MS));
    const own = listeners.find((listener) => listener.port === port);
    if (own?.loopbackOnly) {
      return `port ${port} is open on 127.0.0.1 only, out of reach for others; listen on 0.0.0.0`;
    }
    if (own) return found;
    const others = describeListeners(listeners);
    return `nothing listens on port ${port} (the container is running; ${others})`;
  }

  report(): ServiceReport {
    return {
      ...this.record.report(),
      digest: digestOf(this.service.ref),
      probes: this.#courses.map(({ probe: { path }, port, expected, timing, attempts, end }) => ({
        path,
        port,
        expected: describeExpectation(expected),
        passed: end?.passed ?? false,
        healthyAfterMs: end?.healthyAfterMs ?? null,
        deadlineMs: timing.deadlineMs,
        stableForMs: timing.stableForMs,
        attempts,
      })),
    };
  }
}
