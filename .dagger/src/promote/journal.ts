import type { ChannelState } from "../ledger/channel-state.ts";
import type { ChangeRecord, Entry, Holding } from "../ledger/model.ts";
import { stamp } from "../ledger/stamp.ts";
import { channelStream } from "../ledger/streams.ts";
import type { Release } from "../release.ts";

/** What a change is about, without when, who, and how far it is. */
export type ChangeFacts = Omit<
  ChangeRecord,
  "version" | "pipeline" | "at" | "by" | "state" | "holds" | "blocked"
> & {
  /** What the channel holds once it is finished. */
  toHold: Holding;
  /** Commits that were blocked before it. */
  blocked: readonly string[];
};

/**
 * Writes down in the ledger what is about to happen to a channel before it happens, and how it
 * ended: whoever comes after a run that was cut off finds what it was doing. Refused with
 * `LEDGER_CONFLICT` when somebody else has written since: then another run has taken over.
 */
export class Journal {
  #last: string | null;
  /** A record whose writing seemed to fail: it may be there nevertheless. */
  #tried: Pick<ChangeRecord, "at" | "state"> | undefined;

  /**
   * @param head the channel's last record
   */
  constructor(
    private readonly release: Pick<Release, "ledger" | "pipeline" | "operator">,
    head: ChannelState["head"],
  ) {
    this.#last = head?.digest ?? null;
  }

  /** Writes how far a change is. */
  async write(facts: ChangeFacts, state: ChangeRecord["state"]): Promise<void> {
    const { toHold, blocked, ...rest } = facts;
    const record = {
      ...rest,
      ...stamp(this.release),
      state,
      holds: state === "undone" ? facts.held : toHold,
      blocked: state === "finished" ? blockedAfter(facts) : [...blocked],
    } as const;
    const stream = channelStream(facts.channel);
    const expect = await this.#before(stream);
    this.#tried = record;
    const { digest } = await this.release.ledger.append(stream, record, { expect });
    this.#last = digest;
    this.#tried = undefined;
  }

  /** The record that the next one follows. */
  async #before(stream: string): Promise<string | null> {
    const tried = this.#tried;
    if (!tried) return this.#last;
    const latest = await this.release.ledger.latest(stream);
    const isOurs =
      latest?.previous === this.#last &&
      latest.record.at === tried.at &&
      "state" in latest.record &&
      latest.record.state === tried.state;
    return isOurs ? latest.digest : this.#last;
  }

  /** Closes a change that an earlier run began. */
  async close({ record }: Entry<ChangeRecord>, state: "finished" | "undone"): Promise<void> {
    const { holds, ...facts } = record;
    if (holds === null) throw new Error(`${record.kind} without anything to hold`);
    await this.write({ ...facts, toHold: holds }, state);
  }
}

/** Commits that may not come again: those that were rolled back, until a newer one is promoted. */
function blockedAfter({ kind, held, toHold, blocked }: ChangeFacts): string[] {
  if (kind === "promotion") return [];
  const gone = held && held.commit !== toHold.commit ? [held.commit] : [];
  return [...new Set([...blocked, ...gone])].filter((commit) => commit !== toHold.commit);
}
