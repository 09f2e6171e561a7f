import type { Pipeline } from "../pipeline/model.ts";

/**
 * On which port of the host each service is reachable: its own, unless `<NAME>_PORT` says another.
 * Where several have one port, the first one gets it, and Docker chooses for the others.
 */
export function publishedPorts({ services }: Pipeline): Map<string, string> {
  const taken = new Set<number>();
  const serving = services.filter(({ job }) => !job);
  return new Map(
    serving.flatMap(({ name, port }) => {
      if (port === undefined) return [];
      const host = taken.has(port) ? 0 : port;
      taken.add(port);
      return [[name, `\${${variableOf(name)}:-${host}}:${port}`] as const];
    }),
  );
}

function variableOf(service: string): string {
  const name = `${service}_PORT`.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_");
  return /^\d/.test(name) ? `_${name}` : name;
}
