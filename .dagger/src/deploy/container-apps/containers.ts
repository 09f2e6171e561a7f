import { SluiceError } from "../../error.ts";
import type { AppContainer } from "./model.ts";

/** Where a service is in an app or a job. */
export interface ServiceSpot {
  service: string;
  /** Repository that its images come from: `ghcr.io/acme/api`. */
  repository: string;
  /** Name of the app or job, for messages: `app shop-api`. */
  what: string;
}

/**
 * The container that runs a service: the one whose image is of the service's repository, else the
 * only one, else the one that is named after the service. Sidecars are left alone.
 *
 * @throws SluiceError `CONTAINER_APPS_CONTAINER_UNKNOWN`
 */
export function containerOf(
  containers: readonly AppContainer[],
  { service, repository, what }: ServiceSpot,
): AppContainer {
  const ofRepository = containers.filter(({ image }) => repositoryOf(image) === repository);
  const named = containers.filter(({ name }) => name === service);
  for (const candidates of [ofRepository, containers, named]) {
    const [only, another] = candidates;
    if (only && !another) return only;
  }
  throw new SluiceError(
    "CONTAINER_APPS_CONTAINER_UNKNOWN",
    `${what}: expected one container of ${repository}, or one named ${service}, got ${containers
      .map(({ name, image }) => `${name} (${image})`)
      .join(", ")}`,
    { hint: `name the container of the service ${service}, or let only one have its image` },
  );
}

/** An image's repository: `ghcr.io/acme/api` of `ghcr.io/acme/api:1@sha256:…`. */
export function repositoryOf(image: string): string {
  return image.replace(/@.*$/, "").replace(/:[^:/]*$/, "");
}

/** An image's digest; undefined when it is named by a tag. */
export function digestOf(image: string): string | undefined {
  return /@(sha256:[0-9a-f]{64})$/.exec(image)?.[1];
}

/**
 * All containers of the app, one of them with another image and other variables; everything else
 * is as it was.
 *
 * @param env value by name of those that are set; undefined takes one away
 */
export function withImage(
  containers: readonly AppContainer[],
  changed: AppContainer,
  image: string,
  env: Readonly<Record<string, string | undefined>>,
): AppContainer[] {
  return containers.map((container) =>
    container === changed ? { ...container, image, ...envOf(container, env) } : container,
  );
}

function envOf(
  container: AppContainer,
  env: Readonly<Record<string, string | undefined>>,
): Pick<AppContainer, "env"> | object {
  if (Object.keys(env).length === 0) return {};
  const kept = (container.env ?? []).filter(({ name }) => !(name in env));
  const set = Object.entries(env).flatMap(([name, value]) =>
    value === undefined ? [] : [{ name, value }],
  );
  return { env: [...kept, ...set] };
}

/** Whether a container has these variables, with these values; undefined: doesn't have it. */
export function hasEnv(
  container: AppContainer,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  const values = new Map((container.env ?? []).map((entry) => [entry.name, entry["value"]]));
  return Object.entries(env).every(([name, value]) => values.get(name) === value);
}
