import type { Gate } from "../gate.ts";
import type { GateFacts } from "../facts.ts";
import { failed, gateNamed, passed, short } from "../verdict.ts";
import { branchHead } from "./branch-head.ts";

/** The channel's branch can be fast-forwarded to the commit. */
export function fastForward(channel: string, branch: string, facts: GateFacts): Gate {
  return gateNamed(
    "fast-forward",
    `${branch} can be fast-forwarded to the commit: nothing on it is lost by the release.`,
    async () => {
      const { commit, history } = facts;
      const head = await branchHead(history, branch);
      if (head === undefined) {
        return passed(`${branch} does not exist yet; the promotion creates it`, { commit });
      }
      const relation = await history.relation(commit, head);
      const evidence = { commit, branch, head, relation };
      const [one, other] = [short(commit), short(head)];
      const reconcile = `look at git log ${other}, then take it over on purpose: sluice call reconcile --channel ${channel} --commit ${commit}`;
      switch (relation) {
        case "same":
          return passed(`${branch} is at ${one} already`, evidence);
        case "descendant":
          return passed(`${branch} moves forward from ${other} to ${one}`, evidence);
        case "ancestor":
          return failed(
            `${branch} is ahead: its head ${other} has everything of ${one}, and more`,
            `promote ${other} or a newer commit; an older one takes a rollback`,
            evidence,
          );
        case "diverged":
          return failed(
            `${branch} has drifted: its head ${other} has commits that ${one} lacks, so it can't be fast-forwarded`,
            reconcile,
            evidence,
          );
        case "unrelated":
          return failed(
            `${branch} has another history: ${other} and ${one} have no common ancestor, so it can never be fast-forwarded`,
            reconcile,
            evidence,
          );
      }
    },
  );
}
