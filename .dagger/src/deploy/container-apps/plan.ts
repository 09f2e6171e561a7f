import type { AppContainer } from "./model.ts";
import type { MigrationWanted } from "./migration.ts";
import type { Survey } from "./survey.ts";
import { hasManyRevisions } from "./traffic.ts";

/** What a deployment would do, a line each, in its order. */
export function planLines(
  plans: readonly Survey[],
  migration: (MigrationWanted & { container: AppContainer }) | undefined,
  notes: readonly string[],
): string[] {
  const lines = [...notes];
  if (migration) {
    const { job, container, image } = migration;
    if (container.image !== image) {
      lines.push(`job ${job}: container ${container.name}: ${container.image} → ${image}`);
    }
    lines.push(`job ${job}: start it, and wait until it has succeeded`);
  }
  for (const plan of plans) lines.push(planLine(plan));
  return lines;
}

function planLine({ name, container, image, serving, unchanged, app }: Survey): string {
  if (unchanged) return `app ${name}: unchanged, revision ${serving ?? "none"} runs ${image}`;
  const change =
    container.image === image
      ? `${image} again, as a new revision`
      : `${container.image} → ${image}`;
  const after = hasManyRevisions(app)
    ? `; traffic goes to it from ${serving ?? "none"} when it is healthy`
    : "";
  return `app ${name}: container ${container.name}: ${change}${after}`;
}
