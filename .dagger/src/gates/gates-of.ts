import { once } from "../once.ts";
import type { PipelineChannel } from "../pipeline/model.ts";
import { checks } from "./checks/checks.ts";
import type { GateFacts } from "./facts.ts";
import type { Gate } from "./gate.ts";
import { fastForward } from "./git/fast-forward.ts";
import { neverBackwards } from "./git/never-backwards.ts";
import { onBranch } from "./git/on-branch.ts";
import { staleHead } from "./git/stale-head.ts";
import { approvals } from "./ledger/approvals.ts";
import { notRejected } from "./ledger/not-rejected.ts";
import { notRolledBack } from "./ledger/not-rolled-back.ts";
import { prerequisites } from "./ledger/prerequisites.ts";
import { referrers } from "./referrers.ts";
import { changelog } from "./release/changelog.ts";
import { releaseOf } from "./release/release-of.ts";
import { release } from "./release/release.ts";
import { sameRelease } from "./release/same-release.ts";
import { settings } from "./settings.ts";
import { signed } from "./signed/signed.ts";
import { window } from "./window.ts";

/** Every gate of a channel: those that always stand, and those that its file asks for. */
export function gatesOf(channel: PipelineChannel, facts: GateFacts): Gate[] {
  const { name, after, branch, gates } = channel;
  return [
    notRejected(facts),
    neverBackwards(name, facts),
    notRolledBack(name, facts),
    ...(after.length > 0 ? [prerequisites(after, facts)] : []),
    ...given(gates.onBranch, (from) => onBranch(from, facts)),
    ...given(gates.headOf, (from) => staleHead(from, facts)),
    ...given(branch, (own) => fastForward(name, own, facts)),
    ...releaseGates(channel, facts),
    ...given(gates.checks, (wanted) => checks(wanted, facts)),
    ...(gates.referrers.length > 0 ? [referrers(gates.referrers, facts)] : []),
    ...given(gates.signed, (setting) => signed(setting, facts)),
    ...given(gates.approvals, (policy) => approvals(name, policy, facts)),
    ...given(gates.window, (policy) => window(policy, () => facts.now())),
    ...(gates.settings.length > 0 ? [settings(gates.settings, facts.settings)] : []),
  ];
}

/** Gates that speak of the release; they look at the same tags. */
function releaseGates({ gates }: PipelineChannel, facts: GateFacts): Gate[] {
  const { release: policy, sameReleaseAs, changelog: path } = gates;
  if (!policy) return [];
  const { commit, history, wantedRelease } = facts;
  const chosen = once(async () => releaseOf(policy, commit, await history.tags(), wantedRelease));
  return [
    release(policy, facts, chosen),
    ...given(sameReleaseAs, (other) => sameRelease(other, facts, chosen)),
    ...given(path, (file) => changelog(file, facts, chosen)),
  ];
}

function given<T>(value: T | undefined, gate: (value: T) => Gate): Gate[] {
  return value === undefined ? [] : [gate(value)];
}
