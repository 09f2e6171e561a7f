import { slugOf } from "../slug.ts";
import { type Finding, readable, type Rule } from "./draft.ts";
import { unknown } from "./unknown.ts";

/** The ledger has a repository of its own, in a registry that exists. */
export const ledgerIsApart: Rule = ({ ledger, registries, services, name }) => {
  const repository = ledger?.repository ?? `${slugOf(name)}-ledger`;
  const findings: Finding[] = readable(services)
    .filter(([service, { image = service }]) => image === repository)
    .map(([service]) => ({
      path: ["services", service],
      message: `is published as ${JSON.stringify(repository)}, where the ledger is kept; expected a repository of its own`,
      atKey: true,
    }));
  const { registry } = ledger ?? {};
  if (registry === undefined || registries.has(registry)) return findings;
  return [...findings, unknown("registry", registry, registries.keys(), ["ledger", "registry"])];
};

/** The Compose manifest follows a channel, and pulls from a registry, that exist. */
export const composeFollowsAChannel: Rule = ({ compose, channels, registries }) => {
  if (!compose) return [];
  const { channel, registry } = compose;
  return [
    ...(channels.has(channel)
      ? []
      : [unknown("channel", channel, channels.keys(), ["compose", "channel"])]),
    ...(registry === undefined || registries.has(registry)
      ? []
      : [unknown("registry", registry, registries.keys(), ["compose", "registry"])]),
  ];
};
