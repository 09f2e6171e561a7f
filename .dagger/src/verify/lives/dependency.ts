import { Failed } from "../failed.ts";
import { defaults, type Dependency } from "../input.ts";
import type { DependencyReport } from "../model.ts";
import { shown } from "../probe/expectation.ts";
import { seconds } from "../seconds.ts";
import { describeListeners } from "../supervise/sockets.ts";
import type { Context } from "./context.ts";
import { Life, type Running } from "./life.ts";
import { specOf } from "./spec.ts";

const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 250;
const GROWTH = 1.3;
const CHECK_TIMEOUT_MS = 10_000;

/** What services need, such as a database: it has to become ready. */
export class DependencyLife extends Life {
  constructor(
    context: Context,
    private readonly dependency: Dependency,
    needs: readonly Life[],
  ) {
    super(
      context,
      specOf(dependency, dependency.port === undefined ? [] : [dependency.port]),
      needs,
    );
  }

  protected async prove(running: Running): Promise<void> {
    const { clock } = this.context;
    const deadlineMs = this.dependency.ready?.deadlineMs ?? defaults.readyDeadlineMs;
    let told: Missing | undefined;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * GROWTH, LONGEST_PAUSE_MS)) {
      const left = Math.max(1, Math.min(deadlineMs - running.age(), CHECK_TIMEOUT_MS));
      // Held on to: Node collects a timeout that nothing else knows, and it never fires.
      const late = AbortSignal.timeout(left);
      const signal = AbortSignal.any([running.signal, late]);
      const missing = await this.#missing(running, signal);
      if (running.signal.aborted || !missing) return;
      // A check that the deadline cut short says less than the one before it.
      if (!late.aborted || !told) told = missing;
      if (running.age() + pause >= deadlineMs) {
        const expected = `${told.expected} within ${seconds(deadlineMs)}`;
        throw new Failed("DEPENDENCY_NOT_READY", expected, told.found);
      }
      await clock.sleep(pause, running.signal);
    }
  }

  /** What is still missing; undefined when it is ready. */
  async #missing({ container }: Running, signal: AbortSignal): Promise<Missing | undefined> {
    const { port, ready } = this.dependency;
    if (ready?.command) {
      const { exitCode, output } = await container.run(ready.command, signal);
      if (exitCode === 0) return undefined;
      const ended = exitCode === null ? "no end of it" : `exit code ${exitCode}`;
      return {
        expected: `${ready.command.join(" ")} to exit 0`,
        found: output.trim() === "" ? ended : `${ended}: ${shown(output)}`,
      };
    }
    if (port === undefined) return undefined;
    const listeners = await container.listeners(signal);
    if (listeners.some((item) => item.port === port && !item.loopbackOnly)) return undefined;
    return {
      expected: `something to listen on port ${port}`,
      found: `nothing there (${describeListeners(listeners)})`,
    };
  }

  report(): DependencyReport {
    return this.record.report();
  }
}

/** Why a dependency is not ready yet. */
interface Missing {
  expected: string;
  found: string;
}
