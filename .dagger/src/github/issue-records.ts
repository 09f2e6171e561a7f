import { z } from "zod";
import { hasLine } from "../announce/marker.ts";
import { restOf, type GithubAccess } from "./access.ts";
import { statusOf } from "./failure.ts";
import { onceWritten } from "./once-written.ts";
import { allPages } from "./pages.ts";

const COLOR = "b60205";

const issue = z.object({
  number: z.number(),
  html_url: z.string(),
  state: z.string(),
  body: z.string().nullish(),
  pull_request: z.unknown().optional(),
});
const issues = z.array(issue);
const comments = z.array(
  z.object({
    body: z.string().optional(),
    author_association: z.string().optional(),
    user: z.object({ type: z.string().optional() }).nullish(),
  }),
);
/** Who may write to the repository. Anybody else could write a marker to hide a failure. */
const TRUSTED: readonly (string | undefined)[] = ["OWNER", "MEMBER", "COLLABORATOR"];

/** An issue that tells of a channel's failures. */
export interface FailureIssue {
  readonly number: number;
  readonly url: string;
  readonly isOpen: boolean;
  readonly body: string;
}

/**
 * All issues with a marker, the first one first. They are listed by a label: the search would find
 * new ones a while later only.
 */
export async function issuesWith(
  access: GithubAccess,
  marker: string,
  label: string,
): Promise<FailureIssue[]> {
  const { rest, of } = await restOf(access);
  const asked = { ...of, state: "all", labels: label, direction: "asc", per_page: 100 } as const;
  const all = await allPages(issues, (page) => rest.issues.listForRepo({ ...asked, page }));
  return all
    .filter(({ pull_request, body }) => pull_request === undefined && hasLine(body ?? "", marker))
    .map(shown)
    .sort((one, other) => one.number - other.number);
}

export async function createIssue(
  access: GithubAccess,
  wanted: { title: string; body: string; labels: string[] },
): Promise<FailureIssue> {
  const { rest, of } = await restOf(access);
  return shown(issue.parse((await rest.issues.create({ ...of, ...wanted })).data));
}

/** Opens, closes or rewrites an issue. */
export async function changeIssue(
  access: GithubAccess,
  { number }: FailureIssue,
  change: {
    state: "open" | "closed";
    state_reason?: "completed" | "not_planned";
    body?: string;
  },
): Promise<void> {
  const { rest, of } = await restOf(access);
  const one = { ...of, issue_number: number };
  await onceWritten({
    find: async () => {
      const { isOpen, body } = shown(issue.parse((await rest.issues.get(one)).data));
      const isSo = isOpen === (change.state === "open") && body === (change.body ?? body);
      return isSo ? true : undefined;
    },
    write: async () => {
      await rest.issues.update({ ...one, ...change });
      return true;
    },
  });
}

/** What an issue and its comments say, as far as those who may write to the repository said it. */
export async function textsOf(
  access: GithubAccess,
  { number, body }: FailureIssue,
): Promise<string[]> {
  const { rest, of } = await restOf(access);
  const all = await allPages(comments, (page) =>
    rest.issues.listComments({ ...of, issue_number: number, per_page: 100, page }),
  );
  const ours = all.filter(
    ({ author_association, user }) => TRUSTED.includes(author_association) || user?.type === "Bot",
  );
  return [body, ...ours.map((comment) => comment.body ?? "")];
}

export async function comment(
  access: GithubAccess,
  { number }: FailureIssue,
  body: string,
): Promise<void> {
  const { rest, of } = await restOf(access);
  await rest.issues.createComment({ ...of, issue_number: number, body });
}

/** Sees that there is a label. Somebody else may make it at the same time. */
export async function ensureLabel(access: GithubAccess, name: string): Promise<void> {
  const { rest, of } = await restOf(access);
  const isThere = () =>
    rest.issues.getLabel({ ...of, name }).then(
      () => true,
      (error: unknown) => {
        if (statusOf(error) === 404) return false;
        throw error;
      },
    );
  if (await isThere()) return;
  try {
    await rest.issues.createLabel({ ...of, name, color: COLOR });
  } catch (error) {
    if (!(await isThere())) throw error;
  }
}

function shown({ number, html_url, state, body }: z.output<typeof issue>): FailureIssue {
  return { number, url: html_url, isOpen: state === "open", body: body ?? "" };
}
