import type { App, Traffic } from "./model.ts";

/** Whether several revisions of an app are active at a time. */
export function hasManyRevisions({ properties }: App): boolean {
  return properties.configuration.activeRevisionsMode?.toLowerCase() === "multiple";
}

export function hasIngress({ properties }: App): boolean {
  return properties.configuration.ingress != null;
}

export function trafficOf({ properties }: App): Traffic[] {
  return properties.configuration.ingress?.traffic ?? [];
}

/** Name of the revision that serves, most of it where there are several; undefined: none yet. */
export function servingRevision(app: App): string | undefined {
  const { latestReadyRevisionName } = app.properties;
  const latest = latestReadyRevisionName ?? undefined;
  if (!hasManyRevisions(app)) return latest;
  const [most] = trafficOf(app).toSorted((one, other) => (other.weight ?? 0) - (one.weight ?? 0));
  if (!most || most.latestRevision === true) return latest;
  return most.revisionName ?? latest;
}

/** The traffic of an app, all of it with the revision that serves now, whatever is deployed next. */
export function pinned(app: App, serving: string): Traffic[] {
  const followsLatest = ({ latestRevision, weight }: Traffic) =>
    latestRevision === true && (weight ?? 0) > 0;
  const before = trafficOf(app);
  if (before.length === 0) return [{ revisionName: serving, weight: 100 }];
  return before.map((entry) => {
    if (!followsLatest(entry)) return entry;
    const named = { ...entry, revisionName: serving };
    delete named.latestRevision;
    return named;
  });
}

/**
 * The traffic of an app, all of it with one revision. It follows the latest one if it did before;
 * the label of what served goes along, and other labels stay where they are.
 */
export function shifted(app: App, revision: string): Traffic[] {
  const before = trafficOf(app);
  const [first, ...others] = before.filter(({ weight }) => (weight ?? 0) > 0);
  const labelled = [...others, ...before.filter(({ weight }) => (weight ?? 0) === 0)]
    .filter(({ label }) => label != null)
    .map((entry) => ({ ...entry, weight: 0 }));
  const target =
    first?.latestRevision === true ? { latestRevision: true } : { revisionName: revision };
  const label = first?.label == null ? {} : { label: first.label };
  return [{ ...target, weight: 100, ...label }, ...labelled];
}
