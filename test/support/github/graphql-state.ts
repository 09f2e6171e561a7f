import type { Actor, Label } from "./state.ts";

/** Who wrote something, and when. */
interface Written {
  readonly id: string;
  body: string;
  readonly by: Actor;
  /** As GitHub says it of people; Apps are `NONE`. */
  readonly association: "OWNER" | "MEMBER" | "NONE";
  /** In the API's form, to the second. */
  readonly at: string;
}

export interface DiscussionComment extends Written {
  readonly number: number;
}

export interface Discussion extends Written {
  readonly number: number;
  title: string;
  /** Name. */
  readonly category: string;
  locked: boolean;
  closed: boolean;
  /** Names. */
  labels: string[];
  /** Oldest first. */
  comments: DiscussionComment[];
}

/** A GraphQL error in the place of the next answer to an operation. */
export interface GraphqlFault {
  /** Name of the operation: `AddComment`. */
  readonly on: string;
  /** Whether it is carried out before; by default it isn't. */
  readonly applied?: boolean;
  readonly error: { readonly type?: string; readonly message: string };
}

/** All that GraphQL knows of a repository. Tests read it, and change it as others would. */
export interface ForumState {
  enabled: boolean;
  /** Names. */
  categories: string[];
  /** Oldest first. */
  discussions: Discussion[];
  /** Give the REST server the same array, and both know the same labels. */
  labels: Label[];
  /** Logins of people who have nothing to do with the repository. */
  strangers: Set<string>;
  /** Taken from the front. */
  faults: GraphqlFault[];
  /** Names of operations, as they came. */
  operations: string[];
  /** Called before an operation is carried out: what others do at that moment. */
  before: (operation: string) => void;
  /** What isn't as GitHub's own schema has it, or not in this stand-in. */
  violations: string[];
  /** Milliseconds since 1970. */
  now: () => number;
  /** The next number of anything. */
  last: number;
}

export function emptyForum(): ForumState {
  return {
    enabled: true,
    categories: ["Announcements", "Deployments"],
    discussions: [],
    labels: [],
    strangers: new Set(),
    faults: [],
    operations: [],
    before: () => undefined,
    violations: [],
    now: Date.now,
    last: 0,
  };
}

/** A discussion, as if somebody had begun it. */
export function addDiscussion(
  state: ForumState,
  by: Actor,
  about: Pick<Discussion, "title" | "category" | "body">,
): Discussion {
  const discussion = {
    ...{ ...written(state, by, "D"), ...about, number: state.last },
    ...{ locked: false, closed: false, labels: [], comments: [] },
  };
  state.discussions.push(discussion);
  return discussion;
}

/** A comment on a discussion, as if somebody had written it. */
export function addComment(
  state: ForumState,
  discussion: Discussion,
  by: Actor,
  body: string,
): DiscussionComment {
  const comment = { ...written(state, by, "DC"), body, number: state.last };
  discussion.comments.push(comment);
  return comment;
}

function written(state: ForumState, by: Actor, kind: string) {
  state.last += 1;
  const known = by.type === "User" && !state.strangers.has(by.login);
  return {
    ...{ id: `${kind}_${state.last}`, by },
    association: known ? ("MEMBER" as const) : ("NONE" as const),
    at: new Date(state.now()).toISOString().replace(/\.\d+Z$/, "Z"),
  };
}
