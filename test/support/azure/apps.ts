import type { CloudRunner } from "../cloudRunner.ts";
import { mergePatch } from "./merge.ts";
import { ArmRefusal } from "./refusal.ts";
import { fateOf, start, type RevisionFate, type RevisionState } from "./revision.ts";
import { appShape, checked, type AppResource, type TrafficState } from "./shapes.ts";

/** An app and all its revisions. */
export interface AppState {
  name: string;
  resource: AppResource;
  /** Oldest first. */
  revisions: RevisionState[];
  latestReady: string | undefined;
  /** Host and port of its ingress; undefined when it has none. */
  fqdn: string | undefined;
}

/** What apps live in. */
export interface AppWorld {
  /** What becomes of a revision, where nothing really runs. */
  fate: (app: string, image: string) => RevisionFate;
  runner: CloudRunner | undefined;
}

/** The traffic of an app by its revision's name. */
function trafficOf({ resource }: AppState): TrafficState[] {
  return resource.properties.configuration.ingress?.traffic ?? [];
}

/** URL of the revision that has most of the traffic; undefined: none answers. */
export function servingUrl(app: AppState): string | undefined {
  const weight = (name: string) => weightOf(app, name);
  const serving = app.revisions.toSorted((a, b) => weight(b.name) - weight(a.name))[0];
  return serving && weight(serving.name) > 0 ? serving.url : undefined;
}

export function weightOf(app: AppState, revision: string): number {
  if (app.resource.properties.configuration.activeRevisionsMode === "Single") {
    return app.latestReady === revision ? 100 : 0;
  }
  return trafficOf(app)
    .filter((entry) => (entry.latestRevision ? app.latestReady : entry.revisionName) === revision)
    .reduce((sum, { weight }) => sum + (weight ?? 0), 0);
}

/** Makes an app's next revision. */
export async function addRevision(world: AppWorld, app: AppState): Promise<RevisionState> {
  const { template, configuration } = app.resource.properties;
  const number = String(app.revisions.length + 1).padStart(7, "0");
  const revision: RevisionState = {
    name: `${app.name}--${template.revisionSuffix || number}`,
    active: true,
    template: structuredClone(template),
    createdTime: new Date().toISOString(),
    starting: 1,
    fate: world.fate(app.name, template.containers[0]?.image ?? ""),
    url: undefined,
    startError: undefined,
  };
  app.revisions.push(revision);
  if (world.runner) await start(world.runner, revision, configuration.ingress?.targetPort ?? 80);
  return revision;
}

/** Merges what is written into an app. Answers the revision that this makes. */
export async function patchApp(
  world: AppWorld,
  app: AppState,
  patch: unknown,
): Promise<RevisionState | undefined> {
  const next = checked(appShape, mergePatch(app.resource, patch));
  const { template, configuration } = next.properties;
  const changed = JSON.stringify(template) !== JSON.stringify(app.resource.properties.template);
  if (changed) refuseTemplate(app, next);
  refuseTraffic(app, configuration.ingress?.traffic ?? []);
  app.resource = next;
  return changed ? addRevision(world, app) : undefined;
}

function refuseTemplate(app: AppState, { properties }: AppResource): void {
  const { revisionSuffix, containers } = properties.template;
  const name = `${app.name}--${revisionSuffix ?? ""}`;
  if (revisionSuffix && app.revisions.some((revision) => revision.name === name)) {
    throw invalid(
      "template.revisionsuffix",
      `revision with suffix ${revisionSuffix} already exists.`,
    );
  }
  if (name.length > 54) throw invalid("template.revisionsuffix", "the name is longer than 54.");
  for (const { env, name: of } of containers) {
    const names = (env ?? []).map((entry) => entry.name);
    if (new Set(names).size < names.length)
      throw invalid(`template.containers.${of}.env`, "duplicate");
  }
}

function refuseTraffic(app: AppState, traffic: readonly TrafficState[]): void {
  const sum = traffic.reduce((all, { weight }) => all + (weight ?? 0), 0);
  if (traffic.length > 0 && sum !== 100) {
    throw invalid("configuration.ingress.traffic", `the weights are ${sum}, and not 100.`);
  }
  for (const { revisionName, weight } of traffic) {
    const revision = app.revisions.find(({ name }) => name === revisionName);
    if (revisionName !== undefined && !(revision?.active || weight === 0)) {
      throw invalid("configuration.ingress.traffic", `revision ${revisionName} is not active.`);
    }
  }
}

function invalid(field: string, why: string): ArmRefusal {
  return new ArmRefusal(
    400,
    "ContainerAppInvalidField",
    `The following field(s) are either invalid or missing. Field '${field}' is invalid with details: 'Invalid value: ${why}'`,
  );
}

/** What is seen of a revision now; looking is how it gets on. */
export async function lookAt(
  world: AppWorld,
  app: AppState,
  revision: RevisionState,
): Promise<RevisionFate | undefined> {
  if (revision.starting > 0) {
    revision.starting--;
    return undefined;
  }
  const fate = world.runner ? await fateOf(world.runner, revision) : revision.fate;
  if (fate.healthState === "Healthy" && revision === app.revisions.at(-1)) {
    await becomesReady(world, app, revision);
  }
  return fate;
}

/** In the mode of a single revision, the ones before end as soon as the new one is ready. */
async function becomesReady(world: AppWorld, app: AppState, ready: RevisionState): Promise<void> {
  app.latestReady = ready.name;
  if (app.resource.properties.configuration.activeRevisionsMode !== "Single") return;
  for (const other of app.revisions) {
    if (other !== ready && other.active) await endRevision(world, other);
  }
}

export async function endRevision(world: AppWorld, revision: RevisionState): Promise<void> {
  revision.active = false;
  revision.url = undefined;
  await world.runner?.stop(revision.name);
}

export async function activateRevision(
  world: AppWorld,
  app: AppState,
  revision: RevisionState,
): Promise<void> {
  if (revision.active) return;
  revision.active = true;
  const port = app.resource.properties.configuration.ingress?.targetPort ?? 80;
  if (world.runner) await start(world.runner, revision, port);
}
