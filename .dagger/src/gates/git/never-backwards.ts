import type { Gate } from "../gate.ts";
import type { GateFacts } from "../facts.ts";
import { failed, gateNamed, passed, short } from "../verdict.ts";
import { orderOf } from "./order.ts";

/** The channel moves forward only. */
export function neverBackwards(channel: string, facts: GateFacts): Gate {
  return gateNamed(
    "never-backwards",
    "The commit is not older than what the channel holds: only a rollback goes back.",
    async () => {
      const { commit, channelState } = facts;
      const held = channelState.holds?.commit;
      if (held === undefined) return passed(`${channel} holds nothing yet`);
      const evidence = { commit, held };
      if (commit === held) return passed(`${channel} holds this commit already`, evidence);
      const { relation, by } = await orderOf(facts, commit, held);
      const found = { ...evidence, relation, by };
      if (relation === "ancestor") {
        return failed(
          `expected a commit that is not older than ${short(held)}, which ${channel} holds; ${short(commit)} is its ancestor${by === "history" ? "" : ` by ${by}`}`,
          `promote a newer commit, or go back on purpose: sluice call rollback --channel ${channel} --to ${commit} --reason <why>`,
          found,
        );
      }
      const words = relation === "descendant" ? "is newer than" : "has left the line of";
      return passed(
        `${short(commit)} ${words} ${short(held)}, which ${channel} holds, by ${by}`,
        found,
      );
    },
  );
}
