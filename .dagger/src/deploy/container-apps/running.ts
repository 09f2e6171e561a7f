import { containerOf, digestOf } from "./containers.ts";
import { revisionLogs } from "./log-stream.ts";
import { servingRevision } from "./traffic.ts";
import type { Work } from "./work.ts";

/**
 * Digest by service of what serves, asked of the revisions themselves; undefined where nothing
 * does. A service whose image is named by a tag has none.
 */
export async function runningDigests(
  { arm }: Work,
  apps: readonly { service: string; name: string; repository: string }[],
): Promise<Readonly<Record<string, string>> | undefined> {
  const found = await Promise.all(
    apps.map(async ({ service, name, repository }) => {
      const serving = servingRevision(await arm.app(name));
      const revision = serving === undefined ? undefined : await arm.revision(name, serving);
      if (!revision) return [];
      const { containers } = revision.properties.template;
      const what = `revision ${revision.name}`;
      const digest = digestOf(containerOf(containers, { service, repository, what }).image);
      return digest === undefined ? [] : [[service, digest] as const];
    }),
  );
  const digests = found.flat();
  return digests.length === 0 ? undefined : Object.fromEntries(digests);
}

/** The last log lines of all apps: of the revision that is the latest, and of the one that serves. */
export async function allLogs(work: Work, apps: readonly string[]): Promise<string> {
  const texts = apps.map(async (name) => {
    const app = await work.arm.app(name);
    const serving = servingRevision(app);
    const revisions = new Set([serving, app.properties.latestRevisionName ?? undefined]);
    const logs = [...revisions].flatMap((revision) =>
      revision === undefined ? [] : [revisionLogs(work, name, revision)],
    );
    return (await Promise.all(logs)).join("\n");
  });
  return (await Promise.all(texts)).join("\n");
}
