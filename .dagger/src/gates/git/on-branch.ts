import type { Gate } from "../gate.ts";
import type { GateFacts } from "../facts.ts";
import { failed, gateNamed, passed, short } from "../verdict.ts";
import { branchHead } from "./branch-head.ts";

/** The commit is on a branch of the remote. */
export function onBranch(branch: string, { commit, history }: GateFacts): Gate {
  return gateNamed(
    "on-branch",
    `The commit is on ${branch} of the remote: only what was merged there is released.`,
    async () => {
      const head = await branchHead(history, branch);
      const next = `merge it into ${branch} first, or promote a commit of ${branch}`;
      if (head === undefined) {
        return failed(`the remote has no branch ${branch}`, `push ${branch} first`, { commit });
      }
      const relation = await history.relation(commit, head);
      const evidence = { commit, branch, head, relation };
      return relation === "same" || relation === "ancestor"
        ? passed(`${short(commit)} is on ${branch}`, evidence)
        : failed(
            `${short(commit)} is not on ${branch}, whose head is ${short(head)}`,
            next,
            evidence,
          );
    },
  );
}
