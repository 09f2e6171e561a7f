import { invalid, type Call, type Reply, type Routes } from "../call.ts";
import { exampleOf } from "../openapi.ts";
import { at, nodeId, times, userOf } from "../present.ts";
import type { Pull } from "../state.ts";

interface NewPull {
  title?: string;
  body?: string;
  head: string;
  base: string;
}

/** Pull requests within the repository. */
export const pulls: Routes = {
  "pulls/list": (call) => {
    const { state = "open", head, base } = call.query;
    const items = call.state.pulls
      .filter((one) => state === "all" || one.state === state)
      .filter((one) => head === undefined || labelOf(call, one.head) === head)
      .filter((one) => base === undefined || one.base === base);
    return { items: items.map((one) => pullShown(call, "pull-request-simple-items", one)) };
  },
  "pulls/create": (call) => created(call, call.body as unknown as NewPull),
};

function created(call: Call, { title = "", body = "", head, base }: NewPull): Reply {
  const { state } = call;
  const failed = (more: object) =>
    invalid("Validation Failed", { resource: "PullRequest", ...more });
  for (const [field, branch] of Object.entries({ head, base })) {
    if (!state.refs.has(`heads/${branch}`)) return failed({ field, code: "invalid" });
  }
  if (state.refs.get(`heads/${head}`) === state.refs.get(`heads/${base}`)) {
    return failed({ code: "custom", message: `No commits between ${base} and ${head}` });
  }
  const same = (one: Pull) => one.state === "open" && one.head === head && one.base === base;
  if (state.pulls.some(same)) {
    const name = labelOf(call, head);
    return failed({ code: "custom", message: `A pull request already exists for ${name}.` });
  }
  const pull: Pull = {
    ...{ number: call.next(), title, body, head, base, state: "open" },
    ...{ by: call.actor, at: call.now() },
  };
  state.pulls.push(pull);
  return { status: 201, body: pullShown(call, "pull-request", pull) };
}

function labelOf(call: Call, branch: string): string {
  return `${call.params.owner ?? ""}:${branch}`;
}

function pullShown(call: Call, example: string, pull: Pull): object {
  const { number, title, body, state } = pull;
  const like = exampleOf(example) as Record<"head" | "base", object>;
  const side = (which: "head" | "base", branch: string) => ({
    ...like[which],
    ref: branch,
    label: labelOf(call, branch),
    sha: call.state.refs.get(`heads/${branch}`) ?? "0".repeat(40),
  });
  return {
    ...like,
    ...{ number, title, body, state, id: number, node_id: nodeId("PullRequest", number) },
    ...times(pull.at),
    ...{ merged_at: null, closed_at: null, user: userOf(pull.by), draft: false },
    // Teams of the example lack what the description demands of them.
    ...{ requested_teams: [], requested_reviewers: [], assignees: [], labels: [] },
    head: side("head", pull.head),
    base: side("base", pull.base),
    url: at(call, `pulls/${number}`),
    html_url: `${call.html}/pull/${number}`,
  };
}
