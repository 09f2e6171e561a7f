import type { ReleaseEvent } from "../announce/event.ts";
import { eventMarker, hasLine } from "../announce/marker.ts";
import type { Sink, Told } from "../announce/sink.ts";
import type { GithubAccess } from "./access.ts";
import { asking } from "./failure.ts";
import {
  changeIssue,
  comment,
  createIssue,
  ensureLabel,
  issuesWith,
  textsOf,
  type FailureIssue,
} from "./issue-records.ts";
import { eventText, issueBody, issueMarker, issueTitle, timesIn } from "./issue-texts.ts";
import { onceWritten } from "./once-written.ts";

const ASK = { what: "write issues in", needs: "issues: write" };
const DEFAULT_LABEL = "sluice";
const FAILURES: readonly ReleaseEvent["kind"][] = ["promotion-failed", "deployment-failed"];
const SUCCESSES: readonly ReleaseEvent["kind"][] = ["promoted", "deployed", "rolled-back"];

/** An event, and what is needed to tell it. */
interface Telling {
  access: GithubAccess;
  event: ReleaseEvent;
  /** At least one. */
  labels: readonly string[];
}

/**
 * Keeps one issue for each channel that fails: opened with the first failure, commented on with each
 * further one, closed by the next success, and opened again by the next failure.
 *
 * @param labels given to the issue; it is found by the first one. Default: `sluice`
 */
export function issuesSink(access: GithubAccess, labels: readonly string[]): Sink {
  const given = labels.length === 0 ? [DEFAULT_LABEL] : labels;
  return {
    name: "github-issues",
    preview(event) {
      return Promise.resolve(previewOf(event, given));
    },
    async tell(event) {
      const telling = { access, event, labels: given };
      return asking(access.repository, ASK, async () => {
        if (FAILURES.includes(event.kind)) return failed(telling);
        if (SUCCESSES.includes(event.kind)) return succeeded(telling);
        return undefined;
      });
    },
  };
}

async function failed(telling: Telling): Promise<Told> {
  const { issue, isNew } = await theIssue(telling);
  const { isTold, isLate } = await standing(telling, issue);
  const isReopened = !issue.isOpen && !isTold && !isLate;
  if (isReopened) await changeIssue(telling.access, issue, { state: "open" });
  await commentOnce(telling, issue);
  const how = isNew ? "opened" : isReopened ? "reopened" : "updated";
  return { what: `${how} issue #${issue.number}`, url: issue.url };
}

/** A success that is older than the last failure that was told says nothing. */
async function succeeded(telling: Telling): Promise<Told | undefined> {
  const open = (await existing(telling)).filter(({ isOpen }) => isOpen);
  const issue = await keepFirst(telling, open);
  if (!issue || (await standing(telling, issue)).isLate) return undefined;
  await commentOnce(telling, issue);
  await changeIssue(telling.access, issue, { state: "closed", state_reason: "completed" });
  return { what: `closed issue #${issue.number}`, url: issue.url };
}

/**
 * The channel's issue, which is made when there is none. Others may make one at the same time: so
 * they are looked at again, and whoever looks takes the first one and closes the others.
 */
async function theIssue(telling: Telling): Promise<{ issue: FailureIssue; isNew: boolean }> {
  const { access, event, labels } = telling;
  const { made, isNew } = await onceWritten({
    find: async () => {
      const [made] = await existing(telling);
      return made && { made, isNew: false };
    },
    write: async () => {
      for (const label of labels) await ensureLabel(access, label);
      const wanted = { title: issueTitle(event), body: issueBody(event), labels: [...labels] };
      return { made: await createIssue(access, wanted), isNew: true };
    },
  });
  const all = await existing(telling);
  const open = all.filter(({ isOpen }) => isOpen);
  const issue = (await keepFirst(telling, open)) ?? all.at(-1) ?? made;
  return { issue, isNew: isNew && issue.number === made.number };
}

function existing({ access, event, labels: [label = DEFAULT_LABEL] }: Telling) {
  return issuesWith(access, issueMarker(event), label);
}

/** Without the marker, a duplicate is never found again. */
async function keepFirst(
  { access, event }: Telling,
  [first, ...duplicates]: readonly FailureIssue[],
): Promise<FailureIssue | undefined> {
  for (const duplicate of duplicates) {
    await changeIssue(access, duplicate, {
      ...{ state: "closed", state_reason: "not_planned" },
      body: `Duplicate of #${first?.number ?? 0}\n\n${duplicate.body.replaceAll(issueMarker(event), "")}`,
    });
  }
  return first;
}

/** Whether the event is told, and whether a later one is. */
async function standing(
  { access, event }: Telling,
  issue: FailureIssue,
): Promise<{ isTold: boolean; isLate: boolean }> {
  const texts = await textsOf(access, issue);
  return {
    isTold: texts.some((text) => hasLine(text, eventMarker(event.id))),
    isLate: texts.flatMap(timesIn).some((at) => at > Date.parse(event.at)),
  };
}

async function commentOnce(telling: Telling, issue: FailureIssue): Promise<void> {
  await onceWritten({
    find: async () => ((await standing(telling, issue)).isTold ? true : undefined),
    write: async () => {
      await comment(telling.access, issue, eventText(telling.event));
      return true;
    },
  });
}

function previewOf(event: ReleaseEvent, labels: readonly string[]): string | undefined {
  const issue = `the issue ${JSON.stringify(issueTitle(event))}`;
  if (FAILURES.includes(event.kind)) {
    return `open, or comment on, ${issue} (${labels.join(", ")}):\n\n${issueBody(event)}`;
  }
  if (!SUCCESSES.includes(event.kind)) return undefined;
  return `comment on ${issue}, if it is open, and close it:\n\n${eventText(event)}`;
}
