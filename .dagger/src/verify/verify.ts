import { systemClock } from "./clock.ts";
import type { Dependency, JobUnderTest, ServiceUnderTest, VerifyInput } from "./input.ts";
import type { Context } from "./lives/context.ts";
import { DependencyLife } from "./lives/dependency.ts";
import { digestOf } from "./lives/digest.ts";
import { checkFiles } from "./lives/files.ts";
import { JobLife } from "./lives/job.ts";
import type { Life } from "./lives/life.ts";
import { ServiceLife } from "./lives/service.ts";
import type { Verification } from "./model.ts";
import { inOrder } from "./order.ts";
import { get } from "./probe/http.ts";
import { verdict } from "./verdict.ts";

/** A verification and the logs that it kept. */
export interface VerificationRun {
  verification: Verification;
  /** Output of each container by file name (`backend.log`); bounded, without secrets. */
  logs: Readonly<Record<string, string>>;
}

/**
 * Boots the candidate's services from their digests, with what they need, and probes them; runs
 * the jobs; takes the checksums of files anew. Everything that does not depend on a failure is still
 * verified. What was started is stopped, whatever happens.
 *
 * A candidate that does not pass is a result, not an error. Throws only on input that can't be
 * verified: a reference without digest, an unknown or circular need.
 */
export async function verifyCandidate(input: VerifyInput): Promise<VerificationRun> {
  const { clock = systemClock, stage, scrub = (text: string) => text } = input;
  const begun = clock.now();
  const context: Context = {
    stage,
    clock,
    get: input.get ?? get,
    signal: input.signal ?? new AbortController().signal,
    scrub,
    progress: input.onProgress ?? (() => undefined),
    elapsed: () => clock.now() - begun,
  };
  try {
    const { services, jobs, dependencies } = livesOf(input, context);
    const lives: Life[] = [...dependencies, ...services, ...jobs];
    const [files] = await Promise.all([
      Promise.all((input.files ?? []).map((member) => checkFiles(context, member))),
      ...lives.map((life) => life.run()),
    ]);
    for (const life of lives) life.over();
    const finished = clock.now();
    const reports = {
      services: services.map((life) => life.report()),
      jobs: jobs.map((life) => life.report()),
      dependencies: dependencies.map((life) => life.report()),
      files,
    };
    const durationMs = finished - begun;
    return {
      verification: {
        version: 1,
        commit: input.commit,
        startedAt: new Date(begun).toISOString(),
        finishedAt: new Date(finished).toISOString(),
        durationMs,
        ...verdict(reports, durationMs),
        ...reports,
      },
      logs: Object.fromEntries(
        lives
          .map(({ record }) => [`${record.name}.log`, record.log()] as const)
          .filter(([, text]) => text !== ""),
      ),
    };
  } finally {
    await stage.close();
  }
}

interface Lives {
  services: ServiceLife[];
  jobs: JobLife[];
  dependencies: DependencyLife[];
}

/** Everything that will run, each knowing what it needs. */
function livesOf(input: VerifyInput, context: Context): Lives {
  const lives: Lives = { services: [], jobs: [], dependencies: [] };
  for (const { ref } of [...input.services, ...(input.jobs ?? []), ...(input.files ?? [])]) {
    digestOf(ref);
  }
  const create = {
    service: (member: ServiceUnderTest, needs: Life[]) =>
      push(lives.services, new ServiceLife(context, member, needs)),
    job: (member: JobUnderTest, needs: Life[]) =>
      push(lives.jobs, new JobLife(context, member, needs)),
    dependency: (member: Dependency, needs: Life[]) =>
      push(lives.dependencies, new DependencyLife(context, member, needs)),
  };
  inOrder<Life>([
    ...(input.dependencies ?? []).map((member) => ({
      member,
      create: (needs: Life[]) => create.dependency(member, needs),
    })),
    ...input.services.map((member) => ({
      member,
      create: (needs: Life[]) => create.service(member, needs),
    })),
    ...(input.jobs ?? []).map((member) => ({
      member,
      create: (needs: Life[]) => create.job(member, needs),
    })),
  ]);
  return lives;
}

function push<T>(list: T[], item: T): T {
  list.push(item);
  return item;
}
