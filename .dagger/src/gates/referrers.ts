import { shortDigest } from "../registry/digest.ts";
import type { Gate } from "./gate.ts";
import type { GateFacts } from "./facts.ts";
import { failed, gateNamed, passed } from "./verdict.ts";

/** Every image has its attestations, in one registry at least: a promotion brings them to all. */
export function referrers(types: readonly string[], facts: GateFacts): Gate {
  const { digests } = facts;
  return gateNamed(
    "referrers",
    `Every image has ${types.join(" and ")}: evidence travels with it to every registry.`,
    async () => {
      const images = Object.entries(digests);
      const lacking = await Promise.all(
        images.map(async ([service, digest]) => {
          const present = await facts.referrers(service);
          const missing = types.filter((type) => !present.includes(type));
          const image = `${service}@${shortDigest(digest)}`;
          return missing.length === 0 ? [] : [`${image} lacks ${missing.join(", ")}`];
        }),
      );
      const faults = lacking.flat();
      const evidence = { types: types.join(" "), images: String(images.length) };
      return faults.length === 0
        ? passed(`all ${images.length} images have ${types.join(", ")}`, evidence)
        : failed(
            `expected ${types.join(", ")} on every image: ${faults.join("; ")}`,
            "attach what is missing to these digests, in any of the registries, and try again",
            evidence,
          );
    },
  );
}
