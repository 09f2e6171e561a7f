import { connection, type Bounds } from "./graphql-connection.ts";
import { TypedError } from "./graphql-error.ts";
import {
  addComment,
  addDiscussion,
  type Discussion,
  type DiscussionComment,
  type ForumState,
} from "./graphql-state.ts";
import type { GraphqlContext } from "./options.ts";

/** A request that is being carried out. */
export interface Asking extends GraphqlContext {
  readonly state: ForumState;
}

type Resolver = (source: never, args: never, asking: Asking) => unknown;
type Shown = Record<string, unknown>;

const REPOSITORY = "R_1";

/** What the stand-in knows of GitHub's schema: everything else is refused. */
export const resolvers: Readonly<Record<string, Readonly<Record<string, Resolver>>>> = {
  Query: {
    repository: (_, args: { owner: string; name: string }, asking) => {
      if (args.owner === asking.owner && args.name === asking.repo) return { id: REPOSITORY };
      const name = `${args.owner}/${args.name}`;
      throw missing(`Could not resolve to a Repository with the name '${name}'.`);
    },
    node: (_, { id }: { id: string }, asking) => discussionNode(asking, discussionOf(asking, id)),
  },
  Repository: {
    hasDiscussionsEnabled: (_, __, { state }) => state.enabled,
    discussionCategories: (_, args: Bounds, { state }) =>
      connection(
        "discussionCategories",
        state.categories.map((name) => ({ id: categoryId(name), name })),
        args,
      ),
    discussions: (_, args: Bounds & { categoryId?: string | null }, asking) =>
      connection(
        "discussions",
        asking.state.discussions
          .filter(({ category }) => !args.categoryId || categoryId(category) === args.categoryId)
          .map((discussion) => discussionNode(asking, discussion)),
        args,
      ),
    label: (_, { name }: { name: string }, { state }) => labelNamed(state, name),
  },
  Discussion: {
    comments: ({ id }: { id: string }, args: Bounds, asking) =>
      connection(
        "comments",
        discussionOf(asking, id).comments.map((comment) => commentNode(asking, id, comment)),
        args,
      ),
    labels: ({ id }: { id: string }, args: Bounds, asking) =>
      connection(
        "labels",
        discussionOf(asking, id).labels.map((name) => ({ id: labelId(name), name })),
        args,
      ),
  },
  Mutation: {
    createDiscussion: (_, { input }: Input<NewDiscussion>, asking) => {
      mayWrite(asking, "discussions");
      const { state, actor } = asking;
      const category = state.categories.find((name) => categoryId(name) === input.categoryId);
      if (input.repositoryId !== REPOSITORY || category === undefined) {
        throw missing(`Could not resolve to a node with the global id of '${input.categoryId}'`);
      }
      held("Title", input.title, 256);
      held("Body", input.body, 65_536);
      const { title, body } = input;
      const discussion = addDiscussion(state, actor, { title, body, category });
      return { discussion: discussionNode(asking, discussion) };
    },
    deleteDiscussion: (_, { input }: Input<{ id: string }>, asking) => {
      mayWrite(asking, "discussions");
      const discussion = discussionOf(asking, input.id);
      asking.state.discussions = asking.state.discussions.filter((one) => one !== discussion);
      return { discussion: { id: discussion.id } };
    },
    addDiscussionComment: (_, { input }: Input<NewComment>, asking) => {
      mayWrite(asking, "discussions");
      const discussion = discussionOf(asking, input.discussionId);
      const { permissions } = asking.actor;
      if (discussion.locked && permissions && permissions.contents !== "write") {
        throw new TypedError("FORBIDDEN", "Discussion is locked.");
      }
      held("Body", input.body, 65_536);
      const comment = addComment(asking.state, discussion, asking.actor, input.body);
      return { comment: commentNode(asking, discussion.id, comment) };
    },
    deleteDiscussionComment: (_, { input }: Input<{ id: string }>, asking) => {
      mayWrite(asking, "discussions");
      const all = asking.state.discussions;
      const of = all.find(({ comments }) => comments.some(({ id }) => id === input.id));
      if (!of) throw missing(`Could not resolve to a node with the global id of '${input.id}'`);
      of.comments = of.comments.filter(({ id }) => id !== input.id);
      return { comment: { id: input.id } };
    },
    createLabel: (_, { input }: Input<{ name: string; color: string }>, asking) => {
      mayWrite(asking, "issues");
      const { state } = asking;
      if (labelNamed(state, input.name)) {
        throw new TypedError("UNPROCESSABLE", "Name has already been taken");
      }
      if (!/^[0-9a-f]{6}$/.test(input.color)) {
        throw new TypedError("UNPROCESSABLE", "Color is not a valid hex value");
      }
      state.last += 1;
      state.labels.push({ id: state.last, name: input.name, color: input.color, description: "" });
      return { label: labelNamed(state, input.name) };
    },
    addLabelsToLabelable: (_, { input }: Input<NewLabels>, asking) => {
      mayWrite(asking, "discussions");
      const discussion = discussionOf(asking, input.labelableId);
      const names = asking.state.labels.map(({ name }) => name);
      for (const id of input.labelIds) {
        const name = names.find((one) => labelId(one) === id);
        if (name === undefined) {
          throw missing(`Could not resolve to a node with the global id of '${id}'`);
        }
        if (!discussion.labels.includes(name)) discussion.labels.push(name);
      }
      return { labelable: discussionNode(asking, discussion) };
    },
  },
};

interface Input<T> {
  input: T;
}
interface NewDiscussion {
  repositoryId: string;
  categoryId: string;
  title: string;
  body: string;
}
interface NewComment {
  discussionId: string;
  body: string;
}
interface NewLabels {
  labelableId: string;
  labelIds: string[];
}

function discussionNode(asking: Asking, discussion: Discussion): Shown & { id: string } {
  const { id, number, title, locked, closed } = discussion;
  return {
    ...{ __typename: "Discussion", id, number, title, locked, closed },
    ...{ url: urlOf(asking, discussion), body: discussion.body, createdAt: discussion.at },
    ...authorOf(asking, discussion),
  };
}

function commentNode(
  asking: Asking,
  of: string,
  comment: DiscussionComment,
): Shown & { id: string } {
  const url = urlOf(asking, discussionOf(asking, of));
  return {
    ...{ __typename: "DiscussionComment", id: comment.id, body: comment.body },
    ...{ createdAt: comment.at, url: `${url}#discussioncomment-${comment.number}` },
    ...authorOf(asking, comment),
  };
}

function authorOf({ actor }: Asking, { by, association }: Pick<Discussion, "by" | "association">) {
  return {
    author: { __typename: by.type, login: by.login },
    authorAssociation: association,
    viewerDidAuthor: by.login === actor.login,
  };
}

function urlOf({ html }: Asking, { number }: Discussion): string {
  return `${html}/discussions/${number}`;
}

function discussionOf({ state }: Asking, id: string): Discussion {
  const found = state.discussions.find((one) => one.id === id);
  if (!found) throw missing(`Could not resolve to a node with the global id of '${id}'`);
  return found;
}

function labelNamed({ labels }: ForumState, wanted: string): Shown | null {
  const found = labels.find(({ name }) => name.toLowerCase() === wanted.toLowerCase());
  return found ? { id: labelId(found.name), name: found.name } : null;
}

function categoryId(name: string): string {
  return `DIC_${Buffer.from(name).toString("base64url")}`;
}

function labelId(name: string): string {
  return `LA_${Buffer.from(name).toString("base64url")}`;
}

function missing(message: string): TypedError {
  return new TypedError("NOT_FOUND", message);
}

function mayWrite({ actor }: Asking, what: string): void {
  if (!actor.permissions || actor.permissions[what] === "write") return;
  const by = actor.type === "Bot" ? "integration" : "personal access token";
  throw new TypedError("FORBIDDEN", `Resource not accessible by ${by}`);
}

function held(what: string, text: string, max: number): void {
  if (text.trim() === "") throw new TypedError("UNPROCESSABLE", `${what} can't be blank`);
  if (text.length > max) {
    throw new TypedError("UNPROCESSABLE", `${what} is too long (maximum is ${max} characters)`);
  }
}
