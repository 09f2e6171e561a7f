import type { Gate } from "../gate.ts";
import type { GateFacts } from "../facts.ts";
import { failed, gateNamed, passed, short } from "../verdict.ts";
import { differing } from "./digests.ts";

/** Other channels hold the same candidate. */
export function prerequisites(channels: readonly string[], facts: GateFacts): Gate {
  const { commit, digests } = facts;
  return gateNamed(
    "prerequisites",
    `The same candidate is held by ${channels.join(" and ")}: it was proven there.`,
    async () => {
      const held = await Promise.all(
        channels.map(async (name) => ({ name, holds: await facts.holding(name) })),
      );
      const evidence = Object.fromEntries(
        held.map(({ name, holds }) => [`${name} holds`, holds?.commit ?? "nothing"]),
      );
      const faults = held.flatMap(({ name, holds }) => {
        if (!holds) return [`${name} holds nothing`];
        if (holds.commit !== commit) return [`${name} holds ${short(holds.commit)}`];
        const others = differing(digests, holds.digests);
        return others.length === 0 ? [] : [`${name} holds another image of ${others.join(", ")}`];
      });
      if (faults.length === 0) {
        return passed(`${short(commit)} is held by ${channels.join(" and ")}`, {
          commit,
          ...evidence,
        });
      }
      return failed(
        `expected ${short(commit)} on ${channels.join(" and ")}: ${faults.join("; ")}`,
        "promote it there first, or promote what they hold",
        { commit, ...evidence },
      );
    },
  );
}
