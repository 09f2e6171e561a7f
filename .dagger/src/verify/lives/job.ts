import { within } from "../clock.ts";
import { describeExit, Failed } from "../failed.ts";
import { defaults, type JobUnderTest } from "../input.ts";
import type { JobReport } from "../model.ts";
import { seconds } from "../seconds.ts";
import type { Context } from "./context.ts";
import { digestOf } from "./digest.ts";
import { Life, type Running } from "./life.ts";
import { specOf } from "./spec.ts";

/** A job under verification: it has to end in time, with the expected exit code. */
export class JobLife extends Life {
  protected override readonly endsByItself = true;

  constructor(
    context: Context,
    private readonly job: JobUnderTest,
    needs: readonly Life[],
  ) {
    super(context, specOf({ ...job, image: job.ref }, []), needs);
  }

  protected async prove({ container, signal }: Running): Promise<void> {
    const { timeoutMs = defaults.jobTimeoutMs } = this.job;
    const expected = describeExpected(this.#exitCode);
    const done = await within(this.context.clock, timeoutMs, signal, container.exited);
    if (signal.aborted) return;
    if (!done) {
      const found = `it still runs after ${seconds(timeoutMs)}`;
      throw new Failed("JOB_TIMEOUT", `${expected} within ${seconds(timeoutMs)}`, found);
    }
    const { exitCode } = done.value;
    if (exitCode === this.#exitCode) return;
    const found = exitCode === null ? "a container that is gone" : describeExit(exitCode);
    const last = this.record.lastLine();
    const words = last === undefined ? "it printed nothing" : `its last line: ${last}`;
    throw new Failed("JOB_FAILED", expected, found, `expected ${expected}, got ${found}; ${words}`);
  }

  get #exitCode(): number {
    return this.job.exitCode ?? 0;
  }

  report(): JobReport {
    return {
      ...this.record.report(),
      digest: digestOf(this.job.ref),
      command: [...this.record.argv],
      expectedExitCode: this.#exitCode,
    };
  }
}

function describeExpected(code: number): string {
  return `exit code ${code}`;
}
