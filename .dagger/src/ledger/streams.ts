import { label } from "../pipeline/schema/names.ts";

const TAG =
  /^(?<stream>(?:channel|told|target|slot[1-9]\d?)\.[A-Za-z0-9._-]+|commit\.[0-9a-f]{40})\.(?<last>head|[1-9]\d{0,14})$/;

/** The stream of what happened to a channel. */
export function channelStream(name: string): string {
  return `channel.${label.parse(name)}`;
}

/** The stream of who was told of what happened to a channel. */
export function toldStream(name: string): string {
  return `told.${label.parse(name)}`;
}

/** The stream of what was deployed to a target, or to one of its numbered slots. */
export function targetStream(name: string, slot: number | undefined): string {
  return `${slot === undefined ? "target" : `slot${slot}`}.${label.parse(name)}`;
}

/** The stream of what is known of a commit; 40 hex digits. */
export function commitStream(commit: string): string {
  if (!/^[0-9a-f]{40}$/.test(commit)) throw new TypeError(`not a whole commit: ${commit}`);
  return `commit.${commit}`;
}

/** The tag that follows a stream's last record. */
export function headTag(stream: string): string {
  return `${stream}.head`;
}

/** The tag of one record, which never moves. */
export function recordTag(stream: string, sequence: number): string {
  return `${stream}.${sequence}`;
}

/**
 * What a tag stands for; undefined for tags that are none of the ledger's. A channel's name may
 * have dots and digits at its end, but what comes after the last dot is never part of it: no two
 * streams share a tag.
 */
export function parseTag(tag: string): { stream: string; sequence: number | "head" } | undefined {
  const { stream, last } = TAG.exec(tag)?.groups ?? {};
  if (stream === undefined || last === undefined) return undefined;
  return { stream, sequence: last === "head" ? "head" : Number(last) };
}
