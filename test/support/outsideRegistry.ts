import { createHash } from "node:crypto";
import { manifestTypes } from "../../.dagger/src/registry/manifest.ts";
import { frontOf, type RegistryFront } from "./registryFront.ts";
import { startRegistry } from "./registryProcess.ts";

/** A real registry outside the engine, read without any of the module's ways of reading. */
export interface OutsideRegistry {
  /** `127.0.0.1:41234` */
  host: string;
  /** What stands between it and its clients. */
  front: RegistryFront;
  /** Digests of the bytes that every tag of these repositories holds, by `repository:tag`. */
  tags(...repositories: string[]): Promise<Record<string, string>>;
  stop(): Promise<void>;
}

/** Starts an empty registry on this machine's loopback. */
export async function outsideRegistry(options?: { signIn?: boolean }): Promise<OutsideRegistry> {
  const registry = await startRegistry(options);
  const front = await frontOf(registry.origin);
  return {
    host: front.host,
    front,
    tags: async (...repositories) => {
      const all = await Promise.all(
        repositories.map((repository) => tagsOf(registry.origin, repository)),
      );
      return Object.fromEntries(all.flat());
    },
    stop: async () => {
      await front.stop();
      await registry.stop();
    },
  };
}

// base64 of sluice:open-sesame, which registries ignore that do not ask for it.
const authorization = "Basic c2x1aWNlOm9wZW4tc2VzYW1l";

async function tagsOf(origin: string, repository: string): Promise<[string, string][]> {
  const list = await fetch(`${origin}/v2/${repository}/tags/list`, { headers: { authorization } });
  if (list.status === 404) return [];
  const { tags } = (await list.json()) as { tags: string[] | null };
  return Promise.all(
    (tags ?? []).toSorted().map(async (tag): Promise<[string, string]> => {
      const answer = await fetch(`${origin}/v2/${repository}/manifests/${tag}`, {
        headers: { accept: manifestTypes.join(", "), authorization },
      });
      const bytes = Buffer.from(await answer.arrayBuffer());
      return [`${repository}:${tag}`, `sha256:${createHash("sha256").update(bytes).digest("hex")}`];
    }),
  );
}
