import type { ReleaseEvent } from "../../announce/event.ts";
import { marked } from "../../announce/marker.ts";
import type { Sink, Told } from "../../announce/sink.ts";
import type { Template } from "../../announce/template.ts";
import { releaseText } from "../../announce/text.ts";
import { isSuccess } from "../../announce/wording.ts";
import { firstLine, SluiceError } from "../../error.ts";
import type { PipelineDiscussion } from "../../pipeline/model.ts";
import { ASK, LABEL_ASK, type Forum } from "./ask.ts";
import { tellsOf } from "./cares.ts";
import { ensureComment } from "./comments.ts";
import { discussionFailure } from "./failure.ts";
import { findHome, type Home } from "./home.ts";
import { ensureLabel } from "./label.ts";
import { relatedUpdates } from "./related.ts";
import { ensureThread, findThread, type Thread } from "./threads.ts";

/** A thread that is told of releases. */
export interface DiscussionOptions extends Forum {
  readonly discussion: PipelineDiscussion;
  /** Markdown that the thread begins with; undefined: a line on it. */
  readonly bodyText?: string | undefined;
  /** Of a comment; undefined: the built-in text. */
  readonly template?: Template | undefined;
  /** What operators are reminded of after a success, by channel. */
  readonly notices?: ((channel: string) => readonly string[]) | undefined;
  /** Other threads, whose updates on the same commit are linked. */
  readonly others?: readonly PipelineDiscussion[] | undefined;
}

/**
 * A thread in GitHub's Discussions. It is begun where it is missing, gets a comment for each event,
 * and its label.
 *
 * Telling ends with `DISCUSSIONS_DISABLED`, `DISCUSSION_CATEGORY_MISSING`, `DISCUSSION_LOCKED`, or
 * what `githubFailure` makes of it.
 */
export function discussionSink(options: DiscussionOptions): Sink {
  const { discussion, repository } = options;
  const asking = <T>(work: Promise<T>) =>
    work.catch((error: unknown) => {
      throw discussionFailure(repository, ASK, error);
    });
  return {
    name: `discussion ${discussion.name}`,
    preview: async (event) =>
      tellsOf(discussion, event) ? asking(preview(options, event)) : undefined,
    tell: async (event) => (tellsOf(discussion, event) ? asking(tell(options, event)) : undefined),
  };
}

async function tell(options: DiscussionOptions, event: ReleaseEvent): Promise<Told> {
  const { discussion } = options;
  const home = await findHome(options, discussion.category);
  const { title } = discussion;
  const thread = await ensureThread(options, home, { title, body: bodyOf(options) });
  const text = await textOf(options, thread, event);
  const { comment, isNew } = await ensureComment(options, thread.id, event, text).catch(
    (error: unknown) => {
      throw thread.locked ? lockedOr(error, thread) : error;
    },
  );
  const said = isNew ? "commented on" : "was told before in";
  const label = await labelled(options, home, thread);
  return { what: `${said} ${JSON.stringify(title)}${label}`, url: comment.url };
}

async function preview(options: DiscussionOptions, event: ReleaseEvent): Promise<string> {
  const { discussion, repository } = options;
  const { category, title, label } = discussion;
  const home = await findHome(options, category);
  const thread = await findThread(options, home, title);
  const text = await textOf(options, thread, event);
  const where = `${JSON.stringify(title)} in ${category} of ${repository.owner}/${repository.repo}`;
  const labelled = label === undefined ? "" : `, labelled ${label}`;
  return thread
    ? `comment on discussion ${where}${labelled}: ${thread.url}\n\n${text}`
    : `new discussion ${where}${labelled}:\n\n${bodyOf(options)}\n\ncomment on it:\n\n${text}`;
}

async function textOf(
  options: DiscussionOptions,
  thread: Thread | undefined,
  event: ReleaseEvent,
): Promise<string> {
  const { others = [], template, notices } = options;
  const related = isSuccess(event) ? await relatedUpdates(options, thread, others, event) : [];
  const text = releaseText(event, { template, notices: notices?.(event.channel), related });
  return marked(text, event);
}

function bodyOf({ bodyText, discussion }: DiscussionOptions): string {
  const { title, channels, merges } = discussion;
  const of = [
    ...(channels.length > 0 ? [`releases of ${channels.join(", ")}`] : []),
    ...(merges === undefined ? [] : [`merges into ${merges}`]),
  ];
  return bodyText ?? `# ${title}\n\nThis thread tells of ${of.join(" and of ")}.\n`;
}

/** The news is more than its label: what is wrong with that is only said. */
async function labelled(options: DiscussionOptions, home: Home, thread: Thread): Promise<string> {
  const { label } = options.discussion;
  if (label === undefined) return "";
  try {
    await ensureLabel(options, home, thread, label);
    return "";
  } catch (error) {
    const failure = discussionFailure(options.repository, LABEL_ASK, error);
    return `, without its label ${label}: ${firstLine(failure)}`;
  }
}

function lockedOr(error: unknown, { url }: Thread): unknown {
  if (!(error instanceof SluiceError) || error.code !== "GITHUB_FORBIDDEN") return error;
  return new SluiceError(
    "DISCUSSION_LOCKED",
    `the thread is locked, and so takes no comment: ${url}`,
    {
      hint: "unlock it, or give a token of somebody who may write to the repository",
      cause: error,
    },
  );
}
