import { ExecFailedError } from "../../core/error.ts";
import type { Service } from "./service.ts";

/** Starts the bound services in parallel and answers the host names under which they are found. */
export function bindServices(
  services: readonly { alias: string; service: Service }[],
): Promise<{ name: string; ip: string }[]> {
  return Promise.all(
    services.map(async ({ alias, service }) => {
      const running = await service.start().catch(async (error: unknown) => {
        if (!(error instanceof ExecFailedError)) throw error;
        const name = await service.hostname();
        throw new ExecFailedError(
          error.failure,
          `start ${name} (aliased as ${alias}): ${error.message}`,
        );
      });
      return { name: alias, ip: running.ip };
    }),
  );
}
