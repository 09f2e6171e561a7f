import type { AppContainer } from "./model.ts";
import type { MigrationWanted } from "./migration.ts";
import type { Survey } from "./survey.ts";
import { APP_ACTIONS, demandActions, JOB_ACTIONS } from "./permissions.ts";
import { hasManyRevisions } from "./traffic.ts";
import type { Work } from "./work.ts";

/**
 * Asks Azure whether everything that would be written may be written.
 *
 * @param job name of the job that would be started
 * @throws SluiceError `CONTAINER_APPS_FORBIDDEN`
 */
export async function demandPermissions(
  { arm, onProgress }: Work,
  plans: readonly Survey[],
  job: string | undefined,
): Promise<void> {
  const changed = plans.filter(({ unchanged }) => !unchanged);
  const asked = [
    ...changed.map(({ name }) => ["containerApps", name, APP_ACTIONS] as const),
    ...(job === undefined ? [] : [["jobs", job, JOB_ACTIONS] as const]),
  ];
  await Promise.all(
    asked.map(async ([kind, name, actions]) => {
      const permissions = await arm.permissions(kind, name);
      const what = `${kind === "jobs" ? "job" : "app"} ${name}`;
      if (permissions) demandActions(what, permissions, actions);
      else onProgress(`${what}: Azure doesn't say what may be done with it`);
    }),
  );
}

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
