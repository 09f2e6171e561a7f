import { seconds } from "../verify/seconds.ts";
import { counted } from "../verify/counted.ts";
import type {
  DependencyReport,
  FilesReport,
  JobReport,
  ServiceReport,
  Verification,
} from "../verify/model.ts";

/** A container of a verification, or files, with what it is. */
export type Reported =
  | { kind: "dependency"; report: DependencyReport }
  | { kind: "service"; report: ServiceReport }
  | { kind: "job"; report: JobReport }
  | { kind: "files"; report: FilesReport };

/** Every container, in the order in which they come to life, then files. */
export function containersOf({ dependencies, services, jobs, files }: Verification): Reported[] {
  return [
    ...dependencies.map((report) => ({ kind: "dependency" as const, report })),
    ...services.map((report) => ({ kind: "service" as const, report })),
    ...jobs.map((report) => ({ kind: "job" as const, report })),
    ...files.map((report) => ({ kind: "files" as const, report })),
  ];
}

/** What came of it, in a few words: `healthy after 340 ms`. */
export function outcomeOf({ kind, report }: Reported): string {
  const { state, failure, skippedBecause, exitCode } = report;
  if (state === "failed") return failure?.code ?? "failed";
  if (state === "skipped") return `skipped: ${skippedBecause ?? "not started"}`;
  const after = `after ${seconds(report.durations.ready ?? 0)}`;
  switch (kind) {
    case "service":
      return `healthy after ${seconds(healthyAfterMs(report))}`;
    case "dependency":
      return `ready ${after}`;
    case "job":
      return `exit code ${exitCode ?? 0} ${after}`;
    case "files":
      return `${counted(report.files.length, "file")} intact`;
  }
}

/** From the start of a service until its last probe had the expected answer; stability windows not counted. */
function healthyAfterMs({ probes }: ServiceReport): number {
  return Math.max(0, ...probes.map((probe) => probe.healthyAfterMs ?? 0));
}

/** `sha256:0123456789ab` */
export function shortDigest(digest: string): string {
  return digest.slice(0, "sha256:".length + 12);
}
