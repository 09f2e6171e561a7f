import { firstLine } from "../error.ts";
import type { GateResult } from "../gates/gate.ts";
import type { ChannelState } from "../ledger/channel-state.ts";
import type { ChangeRecord } from "../ledger/model.ts";
import type { Release } from "../release.ts";
import { readChannel } from "../status/channel.ts";
import { type BranchMove, branchMove } from "./branch.ts";
import { type Change, digestsOf } from "./change.ts";
import type { ChannelLock } from "./channel-lock.ts";
import { type ChangeFacts, Journal } from "./journal.ts";
import type { PromotionData } from "./model.ts";
import { moveAll } from "./move-all.ts";
import { moveData, plannedMoves, recordedMoves } from "./moves.ts";
import { type PlannedMove, ready } from "./planned.ts";
import { recover } from "./recover.ts";
import { spreadReferrers } from "./spread-referrers.ts";
import { tryWriting } from "./try-writing.ts";
import { underLock } from "./under-lock.ts";
import type { Interruption } from "./uninterrupted.ts";

/**
 * Changes what a channel holds, all or nothing: lock, gates, preflight, journal, moves with their
 * proof, ledger. When the process is asked to end meanwhile, it comes to one of both ends first; when
 * it is killed, the next run finds the journal.
 *
 * @throws SluiceError `GATES_FAILED`, `LOCK_HELD`, `PROMOTION_FAILED`, …
 */
export function carryOut(
  release: Release,
  change: Change,
  onProgress: (line: string) => void,
): Promise<PromotionData> {
  return underLock(release, change, onProgress, (lock, interruption) =>
    new Transaction(release, change, lock, interruption, onProgress).run(),
  );
}

/** What a change comes to, once the channel is at rest. */
interface Plan {
  state: ChannelState;
  moves: readonly PlannedMove[];
  branch: BranchMove | undefined;
  gates: GateResult[];
}

/** One change, under the channel's lock. */
class Transaction {
  readonly #notes: string[];

  constructor(
    private readonly release: Release,
    private readonly change: Change,
    private readonly lock: ChannelLock,
    private readonly interruption: Interruption,
    private readonly onProgress: (line: string) => void,
  ) {
    this.#notes = [...lock.notes];
  }

  async run(): Promise<PromotionData> {
    const { change, release } = this;
    const state = await this.#atRest();
    const gates = await change.gates(state);
    const [moves, branch] = await Promise.all([
      state.interrupted
        ? recordedMoves(release, state.interrupted.record)
        : plannedMoves(release, change),
      branchMove(release, change),
    ]);
    const plan: Plan = { state, moves, branch, gates };
    if (isThere(plan, change)) return this.#told(plan, "unchanged", 0);
    const begun = Date.now();
    await this.#move(plan);
    return this.#told(plan, "moved", Date.now() - begun);
  }

  /**
   * What the channel holds, once nothing of an earlier run is left in the middle of it; but what
   * was on its way to the same end may go on from there.
   */
  async #atRest(): Promise<ChannelState> {
    const { release, change } = this;
    const { name } = change.channel;
    const state = await readChannel(release.ledger, name);
    if (!state.interrupted) return state;
    if (leadsTo(state.interrupted.record, change)) {
      this.#note(`an earlier run was cut off on this way; it is brought to its end`);
      return state;
    }
    const journal = new Journal(this.release, state.head);
    this.#note(await recover(release, state.interrupted, journal, () => this.lock.confirm()));
    return readChannel(release.ledger, name);
  }

  async #move(plan: Plan): Promise<void> {
    const moves = await ready(plan.moves);
    // One after the other: some registries can't read a manifest while it is written again.
    await tryWriting(moves);
    await spreadReferrers(this.change.images);
    this.interruption.asked.throwIfAborted();
    const journal = new Journal(this.release, plan.state.head);
    const facts = this.#facts(plan);
    await this.lock.confirm();
    await journal.write(facts, "started");
    let pushed = false;
    const failure = await moveAll(moves, {
      recover: `sluice call recover --channel ${this.change.channel.name}`,
      confirm: () => this.lock.confirm(),
      last: async () => {
        await plan.branch?.move();
        pushed = plan.branch !== undefined;
        // What the ledger does not know of is not promoted.
        await journal.write(facts, "finished");
      },
      // A branch that people pull from is not moved back.
      stays: () => pushed,
      hurry: this.interruption.hurry,
      resumed: plan.state.interrupted !== undefined,
      onProgress: this.onProgress,
    });
    if (!failure) return;
    // Without this record the next run finds that there is nothing left to undo.
    if (failure.restored) await journal.write(facts, "undone").catch(this.#noteError);
    throw failure.error;
  }

  #facts({ state, moves, branch, gates }: Plan): ChangeFacts {
    const { kind, channel, commit, release, images, reason } = this.change;
    const named = release === undefined ? {} : { release };
    return {
      ...{ kind, channel: channel.name, tag: channel.tag, commit, gates, ...named },
      moves: moves.map(moveData),
      toHold: { commit, digests: digestsOf(images), ...named },
      held: state.holds,
      blocked: state.blocked,
      ...(branch === undefined ? {} : { branch: branch.facts }),
      ...(reason === undefined ? {} : { reason }),
    };
  }

  #told(plan: Plan, outcome: PromotionData["outcome"], movedMs: number): PromotionData {
    const { kind, channel, commit, release } = this.change;
    return {
      ...{ version: 1, kind, pipeline: this.release.pipeline.name, outcome },
      ...{ channel: channel.name, tag: channel.tag, commit },
      ...(release === undefined ? {} : { release }),
      finishedAt: new Date().toISOString(),
      movedMs,
      moves: plan.moves.map(moveData),
      ...(plan.branch === undefined ? {} : { branch: plan.branch.facts }),
      gates: plan.gates,
      notes: this.#notes,
    };
  }

  readonly #noteError = (error: unknown): void => {
    this.onProgress(`the ledger does not know yet that this was undone: ${firstLine(error)}`);
  };

  #note(line: string): void {
    this.#notes.push(line);
    this.onProgress(line);
  }
}

/** Whether an interrupted change was on its way to the very same end. */
function leadsTo(record: ChangeRecord, { kind, commit, images }: Change): boolean {
  return (
    record.kind === kind &&
    record.commit === commit &&
    record.moves.length === images.length &&
    images.every(({ service, registry, manifest }) =>
      record.moves.some(
        (move) =>
          move.service === service.name &&
          move.registry === registry.name &&
          move.to === manifest.digest,
      ),
    )
  );
}

/** Whether everything is where it is to be, and the ledger says so. */
function isThere({ state, moves, branch }: Plan, { commit, release }: Change): boolean {
  return (
    !state.interrupted &&
    branch === undefined &&
    state.holds?.commit === commit &&
    state.holds.release === release &&
    moves.every(({ before, target }) => before?.digest === target.digest)
  );
}
