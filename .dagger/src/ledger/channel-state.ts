import type { ChangeRecord, Entry, Holding } from "./model.ts";

/** What the ledger says of a channel. */
export interface ChannelState {
  /** Its last record, of whatever kind; undefined when there is none. */
  head: Entry | undefined;
  /** What it holds, or held before the change that was interrupted; null for nothing. */
  holds: Holding | null;
  /** Commits that were rolled back, and may not come again until a newer one passes. */
  blocked: string[];
  /** A change that began and has no end: its writer was cut off, or is still at it. */
  interrupted: Entry<ChangeRecord> | undefined;
}

/**
 * Reads a channel's state out of its records.
 *
 * @param entries newest first, as far back as the last promotion or rollback
 */
export function channelState(entries: readonly Entry[]): ChannelState {
  const [head] = entries;
  const change = entries.find(isChange);
  if (!change) return { head, holds: null, blocked: [], interrupted: undefined };
  const { state, holds, held, blocked } = change.record;
  const open = state === "started";
  return {
    head,
    holds: open ? held : holds,
    blocked,
    interrupted: open ? change : undefined,
  };
}

/** Whether a record tells of a channel's tags. */
export function isChange(entry: Entry): entry is Entry<ChangeRecord> {
  return entry.record.kind === "promotion" || entry.record.kind === "rollback";
}
