import { SluiceError } from "../../error.ts";
import type { FlyPlatform } from "../../pipeline/model.ts";
import { contentsOf } from "../../registry/copy/contents.ts";
import { RegistryClient } from "../../registry/client.ts";
import type { DeployContext } from "../deployer.ts";
import type { Machine } from "./app-state.ts";
import { repositoryOf } from "./mirror.ts";
import { registryLogin } from "./token.ts";

const BY_DIGEST = /@(sha256:[0-9a-f]{64})$/;

/**
 * The digest that a machine runs, as candidates name it. A machine runs one platform of an image
 * for several: where Fly.io names that one's digest, it counts as the whole's if the index that the
 * machine was told to run holds it, by its registry.
 */
export type DigestOf = (machine: Machine) => Promise<string | undefined>;

export function digestReader(context: DeployContext<FlyPlatform>, token: string): DigestOf {
  const { target, signal } = context;
  const asked = new Map<string, Promise<readonly string[]>>();
  const children = async (ref: string, digest: string): Promise<readonly string[]> => {
    try {
      const { host, path } = repositoryOf({ ref });
      const fly = host === target.platform.endpoints.registry;
      const credentials = fly ? registryLogin(token) : await context.loginFor(host);
      const manifest = await new RegistryClient({ host, credentials, signal }).get(path, digest);
      return contentsOf(manifest, ref).children.map((child) => child.digest);
    } catch (error) {
      // Gone, or out of reach: what isn't known to be the same is not the same.
      if (error instanceof SluiceError) return [];
      throw error;
    }
  };
  return async ({ digest: runs, image }) => {
    const [, told] = BY_DIGEST.exec(image ?? "") ?? [];
    if (runs === undefined || image === undefined || told === undefined || told === runs) {
      return runs;
    }
    const known = asked.get(image) ?? children(image, told);
    asked.set(image, known);
    return (await known).includes(runs) ? told : runs;
  };
}
