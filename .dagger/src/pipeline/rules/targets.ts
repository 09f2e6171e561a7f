import type { z } from "zod";
import type { target } from "../schema/targets/target.ts";
import { type Draft, type Finding, readable, type Rule } from "./draft.ts";
import { unknown } from "./unknown.ts";

type Target = z.output<typeof target>;

/** A target is of one kind. */
export const targetsHaveOnePlatform: Rule = ({ targets }) =>
  readable(targets).flatMap(([name, { fly, compose, containerApps }]) => {
    const count = [fly, compose, containerApps].filter((one) => one !== undefined).length;
    if (count === 1) return [];
    const message = `expected one of fly, compose and containerApps, found ${count === 0 ? "none" : count}`;
    return [{ path: ["targets", name], message, atKey: true }];
  });

/** What a target names is there. */
export const targetsAreKnown: Rule = (draft) =>
  readable(draft.targets).flatMap(([name, target]) => {
    const path = ["targets", name];
    const { channel, registry } = target;
    return [
      ...(draft.channels.has(channel)
        ? []
        : [unknown("channel", channel, draft.channels.keys(), [...path, "channel"])]),
      ...(registry === undefined || draft.registries.has(registry)
        ? []
        : [unknown("registry", registry, draft.registries.keys(), [...path, "registry"])]),
      ...servicesOf(target, path).flatMap((one) => service(draft, one)),
      ...scopesOf(target, path)
        .filter(({ name: scope }) => !draft.scopes.includes(scope))
        .map((one) => unknown("scope", one.name, draft.scopes, one.path)),
    ];
  });

/** A service by name, and where it is named. */
interface Mention {
  name: string;
  path: readonly PropertyKey[];
}

function servicesOf(
  { fly, compose, containerApps }: Target,
  path: readonly PropertyKey[],
): Mention[] {
  const { service } = fly ?? {};
  const migrate = compose?.migrate?.service;
  const migration = containerApps?.migration?.service;
  const at = (name: string | undefined, ...keys: string[]): Mention[] =>
    name === undefined ? [] : [{ name, path: [...path, ...keys] }];
  return [
    ...at(service, "fly", "service"),
    ...at(migrate, "compose", "migrate", "service"),
    ...at(migration, "containerApps", "migration", "service"),
    ...Object.keys(containerApps?.apps ?? {}).flatMap((app) =>
      at(app, "containerApps", "apps", app),
    ),
  ];
}

function service({ services }: Draft, { name, path }: Mention): Finding[] {
  if (!services.has(name)) return [unknown("service", name, services.keys(), path)];
  if (services.get(name)?.files === undefined) return [];
  return [{ path, message: `${name} is files, which never run; expected a service that does` }];
}

function scopesOf({ steps, containerApps }: Target, path: readonly PropertyKey[]): Mention[] {
  const migration = containerApps?.migration?.scopes ?? [];
  return [
    ...steps.flatMap(({ scopes }, index) =>
      scopes.map((name, at) => ({ name, path: [...path, "steps", index, "scopes", at] })),
    ),
    ...migration.map((name, at) => ({
      name,
      path: [...path, "containerApps", "migration", "scopes", at],
    })),
  ];
}

/** A registry that runs in the session is gone when the session is, and nobody else reaches it. */
export const targetsPullFromOutside: Rule = ({ targets, channels, registries }) =>
  readable(targets).flatMap(([name, { registry, channel }]) => {
    const [first] = registries.keys();
    const from = registry ?? channels.get(channel)?.verifyFrom ?? first ?? "";
    if (!registries.get(from)?.service) return [];
    const message = `pulls from registry ${from}, which runs inside the engine; expected one that it can reach`;
    return [{ path: ["targets", name], message, atKey: true }];
  });

/** One Fly app runs one image: with several services the file has to say which. */
export const flyTargetsNameTheirService: Rule = ({ targets, services }) =>
  readable(targets).flatMap(([name, { fly }]) => {
    if (!fly || fly.service !== undefined) return [];
    const serving = readable(services).filter(([, { port }]) => port !== undefined);
    if (serving.length === 1) return [];
    const names = serving.map(([service]) => service).join(", ");
    const message = `missing service; expected the one whose image the app runs: ${names}`;
    return [{ path: ["targets", name, "fly"], message, atKey: true }];
  });

/** What is asked at a URL needs one, and a URL is there to be asked. */
export const targetsAreProvenByTheirUrl: Rule = ({ targets }) =>
  readable(targets).flatMap(([name, target]) => {
    const path = ["targets", name];
    const { url, probe, version, pages, watch, compose } = target;
    if (url === undefined) {
      const asked = Object.entries({ probe, version, watch, pages: pages.length > 0 || undefined });
      return asked
        .filter(([, value]) => value !== undefined)
        .map(([key]) => ({
          path: [...path, key],
          message: `missing url; expected the one that ${key} is asked at`,
          atKey: true,
        }));
    }
    const text = "text" in url ? url.text : undefined;
    const slotted = text?.includes("{slot}");
    const urlAt = [...path, "url"];
    if (text !== undefined && !isWebUrl(text.replaceAll("{slot}", "1"))) {
      return [{ path: urlAt, message: "expected a URL such as https://shop.example.com" }];
    }
    if (slotted && compose?.slots === undefined) {
      return [{ path: urlAt, message: "has {slot}, but the target has no slots" }];
    }
    if (slotted === false && (compose?.slots ?? 1) > 1) {
      return [{ path: urlAt, message: "expected {slot} in it: each slot is found elsewhere" }];
    }
    if (probe !== undefined || version !== undefined) return [];
    const message = "is not asked anything; expected probe or version, which prove a deployment";
    return [{ path: urlAt, message, atKey: true }];
  });

/** Two steps with one name would overwrite each other's output. */
export const stepsAreDistinct: Rule = ({ targets }) =>
  readable(targets).flatMap(([name, { steps }]) =>
    steps.flatMap((step, index) =>
      steps.findIndex((other) => other.name === step.name) < index
        ? [
            {
              path: ["targets", name, "steps", index, "name"],
              message: `another step is called ${JSON.stringify(step.name)}, too`,
            },
          ]
        : [],
    ),
  );

function isWebUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username === "" && password === "";
}
