import { readable, type Rule } from "./draft.ts";

/** A service has to prove itself: by a probe of its port, or by its exit code as a job. */
export const everyServiceProvesItself: Rule = ({ services }) =>
  readable(services).flatMap(([name, { port, probe, job }]) => {
    const path = ["services", name];
    if (job) {
      if (!probe) return [];
      const message = "a job ends by itself and can't be probed: remove probe, or remove job";
      return [{ path: [...path, "probe"], message, atKey: true }];
    }
    if (port === undefined && !probe) {
      return [
        { path, message: "expected a port with a probe, or a job; found neither", atKey: true },
      ];
    }
    if (port === undefined) {
      return [{ path, message: "missing port; expected the port that probe asks", atKey: true }];
    }
    if (!probe) {
      const message = "has a port but no probe; expected a probe such as {path: /healthz}";
      return [{ path, message, atKey: true }];
    }
    return [];
  });

/** Services and dependencies share one network, and there one name is one container. */
export const noNameTwice: Rule = ({ services, dependencies }) =>
  [...dependencies.keys()]
    .filter((name) => services.has(name))
    .map((name) => ({
      path: ["dependencies", name],
      message: "a service has this name, too; expected a name of its own",
      atKey: true,
    }));

/** Two services can't be published to one repository. */
export const noRepositoryTwice: Rule = ({ services }) => {
  const owners = new Map<string, string>();
  return readable(services).flatMap(([name, { image = name }]) => {
    const owner = owners.get(image);
    if (owner === undefined) {
      owners.set(image, name);
      return [];
    }
    const message = `service ${owner} is published as ${JSON.stringify(image)}, too`;
    return [{ path: ["services", name], message, atKey: true }];
  });
};
