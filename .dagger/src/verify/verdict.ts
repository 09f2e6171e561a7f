import type { ContainerReport, Verification } from "./model.ts";
import { seconds } from "./seconds.ts";

type Reports = Pick<Verification, "services" | "jobs" | "dependencies">;

/** Whether a verification passed, and why (not), on one line. */
export function verdict(
  { services, jobs, dependencies }: Reports,
  durationMs: number,
): Pick<Verification, "passed" | "reason" | "digests"> {
  const all: ContainerReport[] = [...dependencies, ...services, ...jobs];
  const underTest = [...services, ...jobs];
  const passed = underTest.length > 0 && all.every(({ state }) => state === "passed");
  const digests = Object.fromEntries(
    underTest
      .filter(({ state }) => state === "passed")
      .map(({ name, digest }) => [name, digest] as const),
  );
  if (passed) {
    const parts = [
      services.length > 0 ? `${counted(services.length, "service")} healthy` : "",
      jobs.length > 0 ? `${counted(jobs.length, "job")} passed` : "",
    ];
    const what = parts.filter((part) => part !== "").join(", ");
    return { passed, reason: `${what} in ${seconds(durationMs)}`, digests };
  }
  return { passed, reason: reasonOf(all), digests };
}

/** The first failure in time, which is the likeliest cause of the others. */
function reasonOf(all: readonly ContainerReport[]): string {
  const failures = all
    .flatMap(({ failure }) => failure ?? [])
    .sort((one, other) => one.atMs - other.atMs);
  const [first, ...others] = failures;
  if (!first) return "there was nothing to verify";
  const more = others.length > 0 ? ` (and ${counted(others.length, "more failure")})` : "";
  return `${first.reason}${more}`.replaceAll(/\s+/g, " ");
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
