import { revisionOf } from "../source/revision.ts";
import type { DeploymentRun } from "./run.ts";
import { runSteps } from "./steps.ts";

/** Applies what comes before a deployment: what the candidate changes of identities, infrastructure, … */
export async function stepsBefore(run: DeploymentRun, signal: AbortSignal): Promise<void> {
  const { release, place, wanted, context, kept, onProgress } = run;
  const { steps, environment } = place.target;
  if (steps.length === 0) return;
  await runSteps({
    ...{ steps, environment, signal, onProgress, scope: wanted.scope },
    ...{ commit: wanted.commit, release: wanted.release },
    source: (await revisionOf(release.source, wanted.commit)).files,
    settings: context.settings,
    signIn: (container) => release.logins.signIn(container),
    keep: (path, content) => void kept.set(path, content),
    scrub: (text) => context.scrub(text),
  });
}
