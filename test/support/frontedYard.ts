import { frontOf, type RegistryFront } from "./registryFront.ts";
import type { RunningRegistry } from "./registryProcess.ts";
import { promoteIn, publishIn, type Yard } from "./shipyard.ts";

/** A yard, and what stands before its two registries. */
export interface FrontedYard {
  yard: Yard;
  fronts: readonly [RegistryFront, RegistryFront];
  /** `/v2/shop1/frontend/manifests/prod` */
  tag: string;
  /** Writes that the fronts have seen since `forget`. */
  writes(): string[];
  /** Forgets what the fronts have seen. */
  forget(): void;
  stop(): Promise<void>;
}

let count = 0;

/**
 * Three services in two registries, behind fronts of their own. All commits are published; prod
 * holds the first one, unless it is to be new.
 */
export async function frontedYard(
  registries: readonly RunningRegistry[],
  commits: readonly string[],
  { isNew = false, ...settings }: Partial<Yard> & { isNew?: boolean } = {},
): Promise<FrontedYard> {
  const origins = registries.map(({ origin }) => origin);
  const [first, second] = await Promise.all(origins.map((origin) => frontOf(origin)));
  const [held] = commits;
  if (!first || !second || held === undefined) throw new Error("two registries and a commit");
  const yard: Yard = {
    name: `shop${++count}`,
    services: ["backend", "frontend", "scraper"],
    registries: { ghcr: first.host, dockerhub: second.host },
    ...settings,
  };
  const fronts = [first, second] as const;
  const forget = (): void => fronts.forEach((front) => (front.seen.length = 0));
  // One after the other: the registry does not take the same blob twice at the same moment.
  for (const commit of commits) await publishIn(yard, origins, commit);
  if (!isNew) await promoteIn(yard, held);
  forget();
  return {
    ...{ yard, fronts, forget },
    tag: `/v2/${yard.name}/frontend/manifests/prod`,
    writes: () => fronts.flatMap(({ seen }) => seen.filter((line) => !/^(?:GET|HEAD) /.test(line))),
    stop: async () => {
      await Promise.all(fronts.map((front) => front.stop()));
    },
  };
}
