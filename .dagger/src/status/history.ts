import { channelNamed } from "../promote/channel.ts";
import { placesOf } from "../deploy/place.ts";
import type { AnnouncementRecord, DeploymentRecord, Entry } from "../ledger/model.ts";
import type { Pipeline } from "../pipeline/model.ts";
import { channelStream, commitStream, toldStream } from "../ledger/streams.ts";
import type { Release } from "../release.ts";
import { table } from "../report/table.ts";
import { checkedCommit } from "../source/commit.ts";

/** What to look back at. */
export interface HistoryWanted {
  channel?: string | undefined;
  commit?: string | undefined;
  /** How many records of each, newest first. */
  limit: number;
}

/** Records of channels and commits, newest first, each checked to be the one its successor names. */
export async function historyOf(release: Release, wanted: HistoryWanted): Promise<Entry[]> {
  const { channel, commit, limit } = wanted;
  const { pipeline, ledger } = release;
  const streams = [
    ...(commit === undefined ? [] : [commitStream(checkedCommit(commit))]),
    ...(channel === undefined ? [] : streamsOf(pipeline, channelNamed(pipeline, channel).name)),
  ];
  if (streams.length === 0)
    streams.push(...pipeline.channels.flatMap(({ name }) => streamsOf(pipeline, name)));
  const all = await Promise.all(streams.map((stream) => ledger.history(stream, { limit })));
  return all.flat().sort((a, b) => b.record.at.localeCompare(a.record.at));
}

/** Of a channel: its own, those of its targets, and who was told. */
function streamsOf(pipeline: Pipeline, channel: string): string[] {
  const places = placesOf(pipeline, channel);
  return [channelStream(channel), ...places.map(({ stream }) => stream), toldStream(channel)];
}

/** Records for people, a line each. */
export function historySummary(entries: readonly Entry[]): string {
  if (entries.length === 0) return "Nothing is recorded yet.\n";
  const rows = entries
    .filter(isTold)
    .map((entry) => [
      entry.record.at,
      subject(entry),
      entry.record.commit.slice(0, 12),
      outcome(entry),
      entry.record.by,
    ]);
  return `${table(rows).join("\n")}\n`;
}

/** Whether a record says something of its own: a change that has an end is told by its end. */
function isTold({ record, stream, sequence }: Entry, _: number, all: readonly Entry[]): boolean {
  const began =
    ("state" in record && record.state === "started") ||
    ("outcome" in record && record.outcome === "started");
  if (!began) return true;
  return !all.some((other) => other.stream === stream && other.sequence === sequence + 1);
}

function deploymentOutcome({ outcome, target, targetRelease, reason }: DeploymentRecord): string {
  const mark = { started: "…", succeeded: "✔", failed: "✘" }[outcome];
  const release = targetRelease === undefined ? "" : ` as ${targetRelease}`;
  return `${mark} ${target}${release}${reason === "" ? "" : `: ${reason}`}`;
}

function announcementOutcome({ announcement: { event, sinks } }: AnnouncementRecord): string {
  const queued = Object.entries(sinks).filter(([, { outcome }]) => outcome === "queued");
  const names = queued.map(([name]) => name).join(", ");
  return `${event.kind}: ${names === "" ? "everybody was told" : `still to be told: ${names}`}`;
}

function subject({ record }: Entry): string {
  return "channel" in record ? `${record.kind} ${record.channel}` : record.kind;
}

function outcome({ record }: Entry): string {
  switch (record.kind) {
    case "candidate":
      return Object.keys(record.digests).join(", ");
    case "verification":
      return `${record.passed ? "✔" : "✘"} ${record.reason}`;
    case "rejection":
      return `✘ ${record.reason}`;
    case "approval":
      return record.note;
    case "promotion":
    case "rollback": {
      const moved = record.moves.filter(({ from, to }) => from !== to).length;
      const why = record.reason === undefined ? "" : `: ${record.reason}`;
      return `${record.state}, ${moved} of ${record.moves.length} tags${why}`;
    }
    case "deployment":
      return deploymentOutcome(record);
    case "watch":
      return `${record.passed ? "✔" : "✘"} ${record.target}: ${record.reason}`;
    case "announcement":
      return announcementOutcome(record);
  }
}
