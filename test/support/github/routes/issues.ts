import { invalid, notFound, type Call, type Reply, type Routes } from "../call.ts";
import { at, nodeId, shown, times, userOf } from "../present.ts";
import type { Comment, Issue, Label } from "../state.ts";

/** As long as GitHub lets a text be. */
const MAX_BODY = 65_536;

interface IssueBody {
  title?: string;
  body?: string;
  labels?: string[];
  state?: "open" | "closed";
  state_reason?: string | null;
}

/** Issues, their comments and labels. */
export const issues: Routes = {
  "issues/list-for-repo": (call) => {
    const { state = "open", labels, direction = "desc" } = call.query;
    const wanted = labels === undefined ? [] : labels.split(",");
    const items = call.state.issues
      .filter((one) => state === "all" || one.state === state)
      .filter((one) => wanted.every((label) => one.labels.includes(label)))
      .sort((one, other) => (one.number - other.number) * (direction === "asc" ? 1 : -1));
    return { items: items.map((one) => issueShown(call, one)) };
  },
  "issues/create": (call) => {
    const { title = "", body = "", labels = [] } = call.body as IssueBody;
    if (title === "")
      return invalid("Validation Failed", { field: "title", code: "missing_field" });
    if (body.length > MAX_BODY) return tooLong;
    const number = call.next();
    for (const label of labels) added(call, label);
    const issue: Issue = {
      ...{ number, title, body, labels, state: "open", state_reason: null },
      ...{ by: call.actor, at: call.now(), comments: [] },
    };
    call.state.issues.push(issue);
    return { status: 201, body: issueShown(call, issue) };
  },
  "issues/get": (call) =>
    ofIssue(call, (issue) => ({ status: 200, body: issueShown(call, issue) })),
  "issues/update": (call) =>
    ofIssue(call, (issue) => {
      const change = call.body as IssueBody;
      if ((change.body ?? "").length > MAX_BODY) return tooLong;
      const reason =
        change.state === undefined || change.state === issue.state
          ? issue.state_reason
          : change.state === "open"
            ? "reopened"
            : "completed";
      Object.assign(issue, { state_reason: reason }, change);
      return { status: 200, body: issueShown(call, issue) };
    }),
  "issues/list-comments": (call) =>
    ofIssue(call, (issue) => ({
      items: issue.comments.map((comment) => commentShown(call, issue, comment)),
    })),
  "issues/create-comment": (call) =>
    ofIssue(call, (issue) => {
      const body = String(call.body.body);
      if (body.length > MAX_BODY) return tooLong;
      const comment = { id: call.next(), body, by: call.actor, at: call.now() };
      issue.comments.push(comment);
      return { status: 201, body: commentShown(call, issue, comment) };
    }),
  "issues/get-label": (call) => {
    const label = labelNamed(call, call.params.name ?? "");
    return label ? { status: 200, body: labelShown(call, label) } : notFound;
  },
  "issues/create-label": (call) => {
    const { name = "", color = "ededed", description = "" } = call.body as Partial<Label>;
    if (labelNamed(call, name)) {
      return invalid("Validation Failed", { resource: "Label", code: "already_exists" });
    }
    if (description.length > 100) {
      return invalid("Validation Failed", { resource: "Label", field: "description" });
    }
    const label = Object.assign(added(call, name), { color, description });
    return { status: 201, body: labelShown(call, label) };
  },
};

const tooLong = invalid("Validation Failed", { field: "body", code: "too_long" });

function ofIssue(call: Call, then: (issue: Issue) => Reply): Reply {
  const number = Number(call.params.issue_number);
  const issue = call.state.issues.find((one) => one.number === number);
  return issue ? then(issue) : notFound;
}

/** Names of labels are the same in any case. */
function labelNamed({ state }: Call, name: string): Label | undefined {
  return state.labels.find((label) => label.name.toLowerCase() === name.toLowerCase());
}

function added(call: Call, name: string): Label {
  const there = labelNamed(call, name);
  if (there) return there;
  const label = { id: call.next(), name, color: "ededed", description: "" };
  call.state.labels.push(label);
  return label;
}

function issueShown(call: Call, issue: Issue): object {
  const { number, title, body, state, state_reason, labels, comments } = issue;
  const url = at(call, `issues/${number}`);
  return shown("issue", {
    ...{ number, title, body, state, state_reason, comments: comments.length },
    ...times(issue.at),
    id: number,
    node_id: nodeId("Issue", number),
    ...{ url, repository_url: call.url, html_url: `${call.html}/issues/${number}` },
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    labels: labels.map((name) => labelShown(call, added(call, name))),
    user: userOf(issue.by),
    closed_at: state === "closed" ? issue.at : null,
    ...{ assignee: null, assignees: [], milestone: null, locked: false, closed_by: null },
    pull_request: undefined,
    author_association: "COLLABORATOR",
  });
}

function commentShown(call: Call, { number }: Issue, comment: Comment): object {
  const { id, body } = comment;
  return shown("issue-comment", {
    ...{ id, body, user: userOf(comment.by), node_id: nodeId("IssueComment", id) },
    ...times(comment.at),
    url: at(call, `issues/comments/${id}`),
    html_url: `${call.html}/issues/${number}#issuecomment-${id}`,
    issue_url: at(call, `issues/${number}`),
    author_association: comment.by.login === "stranger" ? "NONE" : "COLLABORATOR",
  });
}

function labelShown(call: Call, { id, name, color, description }: Label): object {
  const url = at(call, `labels/${encodeURIComponent(name)}`);
  return { id, name, color, description, url, node_id: nodeId("Label", id), default: false };
}
