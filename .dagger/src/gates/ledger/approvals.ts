import type { ApprovalPolicy } from "../../pipeline/model.ts";
import type { Gate } from "../gate.ts";
import type { GateFacts } from "../facts.ts";
import { failed, gateNamed, passed, short } from "../verdict.ts";

/** Enough different people agree. */
export function approvals(channel: string, policy: ApprovalPolicy, facts: GateFacts): Gate {
  const { commit } = facts;
  const { count, from } = policy;
  const people = `${count} ${count === 1 ? "person" : "different people"}`;
  const of = from ? ` of ${from.join(", ")}` : "";
  return gateNamed("approvals", `${people}${of} approved the commit for ${channel}.`, async () => {
    const allowed = from && new Set(from.map(plain));
    const given = new Map(
      (await facts.commitRecords(commit))
        .filter((record) => record.kind === "approval")
        .filter((record) => record.channel === channel && record.commit === commit)
        .filter(({ by }) => plain(by) !== "" && (!allowed || allowed.has(plain(by))))
        .map(({ by }) => [plain(by), by]),
    );
    const names = [...given.values()];
    const evidence = { commit, approvedBy: names.join(", ") };
    if (names.length >= count) return passed(`approved by ${names.join(", ")}`, evidence);
    const found = names.length === 0 ? "nobody" : names.join(", ");
    return failed(
      `expected the approval of ${people}${of} for ${short(commit)} on ${channel}, found ${found}`,
      `have it approved: sluice call approve --channel ${channel} --commit ${commit}`,
      evidence,
    );
  });
}

/** `Ada` and `ada ` are one person. */
function plain(name: string): string {
  return name.normalize("NFKC").trim().toLowerCase();
}
