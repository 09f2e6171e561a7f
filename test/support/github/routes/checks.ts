import { invalid, notFound, type Call, type Reply, type Routes } from "../call.ts";
import { nodeId, shown } from "../present.ts";
import { commitOf, type Said } from "../state.ts";

/** Check runs, commit statuses and refs. */
export const checks: Routes = {
  "checks/list-for-ref": (call) =>
    ofCommit(call, (commit) => ({
      items: (call.state.checkRuns.get(commit) ?? []).map((run) => runShown(call, commit, run)),
      wrap: (check_runs, total_count) => ({ total_count, check_runs }),
    })),
  "repos/list-commit-statuses-for-ref": (call) =>
    ofCommit(call, (commit) => ({
      items: (call.state.statuses.get(commit) ?? []).map((status, index) =>
        shown("status", { id: index + 1, ...status }),
      ),
    })),
  "git/get-ref": ({ state, params, url }) => {
    const ref = params.ref ?? "";
    const sha = state.refs.get(ref);
    if (sha === undefined) return notFound;
    return {
      status: 200,
      body: {
        ref: `refs/${ref}`,
        node_id: nodeId("Ref", 1),
        url: `${url}/git/refs/${ref}`,
        object: { type: "commit", sha, url: `${url}/git/commits/${sha}` },
      },
    };
  },
};

function ofCommit({ state, params }: Call, then: (commit: string) => Reply): Reply {
  const ref = params.ref ?? "";
  const commit = commitOf(state, ref);
  return commit === undefined ? invalid(`No commit found for SHA: ${ref}`) : then(commit);
}

function runShown(call: Call, head_sha: string, run: Said): object {
  const { app, ...rest } = run;
  const example = shown("check-run", {}) as { app: object };
  return {
    ...example,
    head_sha,
    url: `${call.url}/check-runs/${String(run.id)}`,
    completed_at: run.status === "completed" ? call.now() : null,
    pull_requests: [],
    ...rest,
    ...(app === null ? { app: null } : { app: { ...example.app, ...(app ?? {}) } }),
  };
}
