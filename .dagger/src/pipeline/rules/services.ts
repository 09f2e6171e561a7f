import { fileNameOf } from "../schema/output-file.ts";
import { readable, type Rule } from "./draft.ts";

/**
 * A service has to prove itself: by a probe of its port, by its exit code as a job, or by the
 * checksums of its files.
 */
export const everyServiceProvesItself: Rule = ({ services }) =>
  readable(services).flatMap(([name, { port, probe, job, files }]) => {
    const path = ["services", name];
    if (files) return [];
    if (job) {
      if (!probe) return [];
      const message = "a job ends by itself and can't be probed: remove probe, or remove job";
      return [{ path: [...path, "probe"], message, atKey: true }];
    }
    if (port === undefined && !probe) {
      const message = "expected a port with a probe, a job, or files; found none of them";
      return [{ path, message, atKey: true }];
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

/** Files never run, and there is one of each. */
export const filesNeverRun: Rule = ({ services }) =>
  readable(services).flatMap(([name, service]) => {
    if (!service.files) return [];
    const { port, probe, job, command, env, needs, platforms } = service;
    const given = {
      ...{ port, probe, job, command },
      ...(Object.keys(env).length > 0 ? { env } : {}),
      ...(needs.length > 0 ? { needs } : {}),
      ...(platforms.length > 0 ? { platforms } : {}),
    };
    return Object.entries(given).flatMap(([key, value]) => {
      if (value === undefined) return [];
      const why = key === "platforms" ? "files are built once" : "files never run";
      const message = `${why}: remove ${key}, or remove files`;
      return [{ path: ["services", name, key], message, atKey: true }];
    });
  });

/** Files are told apart by their names, wherever in the image they are. */
export const noFileTwice: Rule = ({ services }) =>
  readable(services).flatMap(([name, { files = [] }]) => {
    const names = files.map(fileNameOf);
    return names.flatMap((file, index) => {
      const first = files[names.indexOf(file)] ?? "";
      if (names.indexOf(file) === index) return [];
      const message = `${first} is called ${file}, too; expected another name`;
      return [{ path: ["services", name, "files", index], message }];
    });
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
