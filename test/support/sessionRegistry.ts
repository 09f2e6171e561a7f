import { registryService } from "../../.dagger/src/registries/service.ts";
import { manifestTypes } from "../../.dagger/src/registry/manifest.ts";
import { inSession, openSession } from "./session.ts";
import type { ShopRegistry } from "./shop.ts";

/** A manifest as a registry holds it. */
export interface HeldManifest {
  bytes: Buffer;
  body: unknown;
}

/**
 * Reads manifests out of a pipeline's registries that run as services, in a session of its own and
 * without any of the module's ways of reading them. By registry and service.
 */
export async function readManifests(
  pipeline: string,
  registries: readonly ShopRegistry[],
  services: readonly string[],
  tag: string,
): Promise<Record<string, Record<string, HeldManifest>>> {
  const all: Record<string, Record<string, HeldManifest>> = {};
  const session = await openSession();
  try {
    await inSession(session, async () => {
      for (const { name, address } of registries) {
        const { host, port, pathname } = new URL(`http://${address}`);
        const registry = registryService(pipeline, name, {
          image: "registry:2",
          port: Number(port),
        });
        await registry.start();
        const origin = await registry.endpoint({ scheme: "http", port: Number(port) });
        const held: Record<string, HeldManifest> = {};
        for (const service of services) {
          const url = `${origin}/v2${pathname}/${service}/manifests/${tag}`;
          const answer = await fetch(url, { headers: { accept: manifestTypes.join(", ") } });
          if (!answer.ok) throw new Error(`GET ${host}: ${url}: HTTP ${answer.status}`);
          const bytes = Buffer.from(await answer.arrayBuffer());
          held[service] = { bytes, body: JSON.parse(bytes.toString()) };
        }
        all[name] = held;
      }
    });
  } finally {
    await session.close();
  }
  return all;
}
