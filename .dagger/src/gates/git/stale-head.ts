import type { Gate } from "../gate.ts";
import type { GateFacts } from "../facts.ts";
import { failed, gateNamed, passed, short } from "../verdict.ts";
import { branchHead } from "./branch-head.ts";

/** The commit is still the newest one. */
export function staleHead(branch: string, { commit, history, replay }: GateFacts): Gate {
  return gateNamed(
    "stale-head",
    `The commit is the head of ${branch} right now: a run that was overtaken releases nothing.`,
    async () => {
      if (replay) return passed("a replay by hand may promote an earlier commit", { commit });
      const head = await branchHead(history, branch);
      if (head === undefined) {
        return failed(`the remote has no branch ${branch}`, `push ${branch} first`, { commit });
      }
      const evidence = { commit, branch, head };
      return head === commit
        ? passed(`${short(commit)} is the head of ${branch}`, evidence)
        : failed(
            `expected the head of ${branch}, ${short(head)}, found ${short(commit)}`,
            `promote ${head}, or replay this commit by hand: --replay`,
            evidence,
          );
    },
  );
}
