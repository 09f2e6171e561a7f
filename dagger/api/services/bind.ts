import type { Service } from "./service.ts";

/** Starts the bound services in parallel and answers the host names under which they are found. */
export function bindServices(
  services: readonly { alias: string; service: Service }[],
): Promise<{ name: string; ip: string }[]> {
  return Promise.all(
    services.map(async ({ alias, service }) => ({ name: alias, ip: (await service.start()).ip })),
  );
}
