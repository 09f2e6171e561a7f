import type { ProcessSpec } from "../types.ts";

/** Docker's container config for a process. `imageEnv` are the variables that the image brings. */
export function configOf(spec: ProcessSpec, imageEnv: readonly string[]): Record<string, unknown> {
  const hasStdin = spec.stdin !== undefined;
  return {
    // Daemons write `Cmd` into the history of the image that is kept.
    Entrypoint: spec.args.length > 0 ? spec.args : [""],
    Cmd: [],
    Env: environment(spec, imageEnv),
    // Empty values would fall back to the image's own.
    User: spec.user === "" ? "0" : spec.user,
    WorkingDir: spec.workdir === "" ? "/" : spec.workdir,
    Tty: false,
    AttachStdin: hasStdin,
    AttachStdout: true,
    AttachStderr: true,
    OpenStdin: hasStdin,
    StdinOnce: hasStdin,
  };
}

/** Docker's HostConfig for a process; mounts are added by the caller. */
export function hostOf(spec: ProcessSpec, hasInit: boolean): Record<string, unknown> {
  return {
    Init: spec.init && hasInit,
    Privileged: spec.privileged,
    ExtraHosts: spec.hosts.map(({ name, ip }) => `${name}:${ip}`),
  };
}

/**
 * Exactly the variables of the spec: the Docker API unsets one that is listed without a value, so
 * those of the image, and `HOSTNAME` which Docker adds by itself, are listed that way.
 */
function environment(spec: ProcessSpec, imageEnv: readonly string[]): string[] {
  const wanted = [...spec.env, ...spec.secretEnv.map(({ name, value }) => `${name}=${value}`)];
  const names = new Set(wanted.map(nameOf));
  const unset = [...imageEnv.map(nameOf), "HOSTNAME"].filter((name) => !names.has(name));
  return [...wanted, ...new Set(unset)];
}

const nameOf = (variable: string): string => variable.split("=", 1)[0] ?? variable;
