import { shortDigest } from "../registry/digest.ts";
import type { Gate } from "./gate.ts";
import type { GateFacts } from "./facts.ts";
import { failed, gateNamed, passed } from "./verdict.ts";

/** Every image has its attestations, in every registry. */
export function referrers(types: readonly string[], facts: GateFacts): Gate {
  const { digests, registries } = facts;
  return gateNamed(
    "referrers",
    `Every image has ${types.join(" and ")} in every registry: evidence travels with it.`,
    async () => {
      const images = registries.flatMap((registry) =>
        Object.entries(digests).map(([service, digest]) => ({ registry, service, digest })),
      );
      const lacking = await Promise.all(
        images.map(async ({ registry, service, digest }) => {
          const present = await facts.referrers(service, registry);
          const missing = types.filter((type) => !present.includes(type));
          const image = `${service}@${shortDigest(digest)} in ${registry}`;
          return missing.length === 0 ? [] : [`${image} lacks ${missing.join(", ")}`];
        }),
      );
      const faults = lacking.flat();
      const evidence = { types: types.join(" "), images: String(images.length) };
      return faults.length === 0
        ? passed(`all ${images.length} images have ${types.join(", ")}`, evidence)
        : failed(
            `expected ${types.join(", ")} on every image: ${faults.join("; ")}`,
            "attach what is missing to these digests, in each registry, and try again",
            evidence,
          );
    },
  );
}
