import { randomUUID } from "node:crypto";
import { dag, ReturnType, type Container, type Directory } from "@dagger.io/dagger";
import { SluiceError } from "../error.ts";
import type { PipelineStep } from "../pipeline/model.ts";
import { withSecretVariable } from "../secret.ts";
import type { Settings } from "./settings.ts";
import { leftFiles } from "./step-files.ts";
import { limitedCommand, STEP_TIMER_PATH, stepTimer, TIMED_OUT } from "./step-timer.ts";

/** Where a step finds the source, and where it leaves files that are kept. */
const SOURCE = "/src";
const OUT = "/out";
/** Last lines of a failed step's output that its error shows. */
const SHOWN_LINES = 20;

/** Which steps there are, and what a candidate changes. */
export interface StepsOf {
  steps: readonly PipelineStep[];
  /** Which parts of the system the candidate changes, by name. */
  scope: Readonly<Record<string, boolean>>;
}

/** What steps run with. */
export interface StepsAsked extends StepsOf {
  commit: string;
  /** Git tag that the commit was promoted as. */
  release: string | undefined;
  /** What GitHub and others call the target. */
  environment: string;
  /** Files of the repository at the commit. */
  source: Directory;
  settings: Settings;
  /** Adds registry credentials to a container, before it pulls a step's image. */
  signIn: (container: Container) => Container;
  /** Keeps a file, by path below `.artifacts`: `infra/<sha>/output.log`. */
  keep: (path: string, content: string | Uint8Array) => void;
  /** Takes secrets out of a text. */
  scrub: (text: string) => string;
  onProgress: (line: string) => void;
  /** Aborted when somebody asked to stop: a step that has begun goes on to its end. */
  signal: AbortSignal;
}

/**
 * Runs the steps whose scopes the candidate changes, one after the other. What they write, and the
 * files that they leave in `/out`, are kept whether they succeed or not; nothing runs after one that
 * fails.
 *
 * @throws SluiceError `STEP_SCOPE_UNKNOWN` and `SETTING_MISSING` before any starts, `STEP_FAILED`,
 *   `STEP_TIMED_OUT`; the signal's reason between two steps
 */
export async function runSteps(asked: StepsAsked): Promise<void> {
  const { steps, settings, signal, onProgress } = asked;
  const due = steps.map((step) => isDue(step, asked));
  const wanted = steps.filter((_, index) => due[index]);
  for (const { name, settings: names } of wanted) {
    for (const setting of names) await settings.get(setting, `a setting of the step ${name}`);
  }
  for (const [index, step] of steps.entries()) {
    if (due[index] !== true) {
      onProgress(skipped(step));
      continue;
    }
    signal.throwIfAborted();
    onProgress(`step ${step.name}: runs ${step.command.join(" ")}`);
    await run(step, asked);
    onProgress(`step ${step.name}: done`);
  }
}

/**
 * What `runSteps` would do, a line each.
 *
 * @throws SluiceError `STEP_SCOPE_UNKNOWN`
 */
export function planSteps({ steps, scope }: StepsOf): string[] {
  return steps.map((step) =>
    isDue(step, { scope })
      ? `step ${step.name}: runs ${step.command.join(" ")} in ${step.image}`
      : skipped(step),
  );
}

function skipped({ name, scopes }: PipelineStep): string {
  return `step ${name}: skipped, the candidate does not change ${scopes.join(" or ")}`;
}

function isDue({ name, scopes }: PipelineStep, { scope }: Pick<StepsOf, "scope">): boolean {
  const unknown = scopes.find((each) => scope[each] === undefined);
  if (unknown !== undefined) {
    const known = Object.keys(scope).join(", ");
    throw new SluiceError(
      "STEP_SCOPE_UNKNOWN",
      `step ${name} runs for the scope ${unknown}, expected one that the candidate speaks of, got ${known || "none"}`,
      {
        hint: "build and publish the candidate anew with a pipeline file that has this scope, or take the scope out of the step",
      },
    );
  }
  return scopes.length === 0 || scopes.some((each) => scope[each]);
}

async function run(step: PipelineStep, asked: StepsAsked): Promise<void> {
  const { keep, scrub, commit } = asked;
  const ran = (await containerOf(step, asked)).withExec(
    limitedCommand(step.command, step.timeoutMs),
    { expect: ReturnType.Any },
  );
  const [code, output, left] = await Promise.all([
    ran.exitCode(),
    ran.stdout().then(scrub),
    leftFiles(ran.directory(OUT), scrub),
  ]);
  const folder = `${step.name}/${commit}`;
  // A file of that name would take the output's place.
  for (const [path, content] of left) keep(`${folder}/${path}`, content);
  keep(`${folder}/output.log`, output);
  if (code !== 0) throw failed(step, code, output);
}

function failed({ name, timeoutMs }: PipelineStep, code: number, output: string): SluiceError {
  const late = code === TIMED_OUT;
  return new SluiceError(
    late ? "STEP_TIMED_OUT" : "STEP_FAILED",
    late
      ? `step ${name} did not end in ${Math.round(timeoutMs / 1000)} s, and was stopped`
      : `step ${name}: expected exit code 0, got ${code}`,
    {
      detail: output.trimEnd().split("\n").slice(-SHOWN_LINES).join("\n"),
      hint: late
        ? "look what it waits for, or raise the step's timeout; nothing after it was run"
        : "correct what it says, and run the deployment again; nothing after it was run",
    },
  );
}

async function containerOf(step: PipelineStep, asked: StepsAsked): Promise<Container> {
  let self = asked
    .signIn(dag.container())
    .from(step.image)
    .withMountedDirectory(STEP_TIMER_PATH, stepTimer())
    .withDirectory("/", dag.directory().withNewDirectory(OUT, { permissions: 0o777 }))
    .withDirectory(SOURCE, asked.source)
    .withWorkdir(SOURCE);
  const env = {
    ...step.env,
    ...{ SLUICE_COMMIT: asked.commit, SLUICE_ENVIRONMENT: asked.environment },
    ...(asked.release === undefined ? {} : { SLUICE_RELEASE: asked.release }),
    // Equal commands would be answered from the engine's cache, and do nothing.
    SLUICE_RUN: randomUUID(),
  };
  for (const [name, value] of Object.entries(env)) self = self.withEnvVariable(name, value);
  for (const name of step.settings) {
    const value = await asked.settings.get(name, `a setting of the step ${step.name}`);
    self = withSecretVariable(self, name, value);
  }
  return self;
}
