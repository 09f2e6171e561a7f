import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { ExecFailedError } from "../../core/error.ts";
import type { RunningService } from "../../docker/types.ts";

/** Docker's health check of an image; durations in nanoseconds. */
const schema = z.object({
  Test: z.array(z.string()).nullish(),
  Interval: z.number().nullish(),
  StartPeriod: z.number().nullish(),
  StartInterval: z.number().nullish(),
  Retries: z.number().nullish(),
});

export type DockerHealthcheck = z.infer<typeof schema>;

const NANOSECONDS_PER_MS = 1e6;
const DEFAULT_PAUSE_MS = 5000;
const DEFAULT_RETRIES = 3;

/** The container's health check; undefined when it has none. */
export function dockerHealthcheck(config: unknown): DockerHealthcheck | undefined {
  const { data } = schema.safeParse(config);
  const kind = data?.Test?.[0];
  return kind === "CMD" || kind === "CMD-SHELL" ? data : undefined;
}

/**
 * Waits until the check passes, as Dagger's own engine does: failures count from the end of the start
 * period, and the last one is thrown as an ExecError.
 */
export async function passes(
  service: RunningService,
  check: DockerHealthcheck,
  signal: AbortSignal,
): Promise<void> {
  const [kind, ...rest] = check.Test ?? [];
  const cmd = kind === "CMD-SHELL" ? ["/bin/sh", "-c", ...rest] : rest;
  const pauseMs = milliseconds(check.StartInterval) || milliseconds(check.Interval);
  const lenientUntil = Date.now() + milliseconds(check.StartPeriod);
  for (let failures = 0; ;) {
    const { exitCode, stdout, stderr } = await service.exec(cmd);
    if (exitCode === 0) return;
    if (Date.now() > lenientUntil) failures++;
    if (failures >= (check.Retries || DEFAULT_RETRIES))
      throw new ExecFailedError({ cmd, exitCode, stdout: stdout.trim(), stderr: stderr.trim() });
    await sleep(pauseMs || DEFAULT_PAUSE_MS, undefined, { signal });
  }
}

const milliseconds = (nanoseconds: number | null | undefined): number =>
  (nanoseconds ?? 0) / NANOSECONDS_PER_MS;
