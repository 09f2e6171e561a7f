import type { Gate } from "../gate.ts";
import type { GateFacts } from "../facts.ts";
import { orderOf } from "../git/order.ts";
import { failed, gateNamed, passed, short } from "../verdict.ts";

/** A rollback sticks until something newer comes. */
export function notRolledBack(channel: string, facts: GateFacts): Gate {
  return gateNamed(
    "not-rolled-back",
    "The commit was not rolled back here, nor is it older than one that was: a rollback sticks until something newer comes.",
    async () => {
      const { commit } = facts;
      const { holds, blocked } = facts.channelState;
      if (blocked.length === 0) return passed(`nothing was rolled back on ${channel}`, { commit });
      if (holds?.commit === commit) {
        return passed(`${channel} holds this commit since it was rolled back`, { commit });
      }
      const next = "promote a commit that contains the fix";
      if (blocked.includes(commit)) {
        return failed(`${short(commit)} was rolled back on ${channel}`, next, { commit });
      }
      const orders = await Promise.all(
        blocked.map(async (rolledBack) => ({
          rolledBack,
          ...(await orderOf(facts, commit, rolledBack)),
        })),
      );
      const newer = orders.find(({ relation }) => relation === "ancestor");
      if (newer === undefined) {
        return passed(`${short(commit)} is not older than what was rolled back on ${channel}`, {
          commit,
          rolledBack: blocked.join(" "),
        });
      }
      return failed(
        `${short(commit)} is older than ${short(newer.rolledBack)}, which was rolled back on ${channel}`,
        next,
        { commit, rolledBack: newer.rolledBack, by: newer.by },
      );
    },
  );
}
