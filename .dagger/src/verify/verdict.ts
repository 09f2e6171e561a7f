import { counted } from "./counted.ts";
import type { ContainerReport, Verification } from "./model.ts";
import { seconds } from "./seconds.ts";

type Reports = Pick<Verification, "services" | "jobs" | "dependencies" | "files">;

/** Whether a verification passed, and why (not), on one line. */
export function verdict(
  { services, jobs, dependencies, files }: Reports,
  durationMs: number,
): Pick<Verification, "passed" | "reason" | "digests"> {
  const underTest = [...services, ...jobs, ...files];
  const all: ContainerReport[] = [...dependencies, ...underTest];
  const passed = underTest.length > 0 && all.every(({ state }) => state === "passed");
  const digests = Object.fromEntries(
    underTest
      .filter(({ state }) => state === "passed")
      .map(({ name, digest }) => [name, digest] as const),
  );
  if (passed) {
    const released = files.flatMap((one) => one.files).length;
    const parts = [
      services.length > 0 ? `${counted(services.length, "service")} healthy` : "",
      jobs.length > 0 ? `${counted(jobs.length, "job")} passed` : "",
      released > 0 ? `${counted(released, "file")} intact` : "",
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
