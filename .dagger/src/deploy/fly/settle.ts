import type { Clock } from "../../verify/clock.ts";
import type { FlySession } from "./session.ts";
import { isGood, type Verdict, verdictOn } from "./verdict.ts";

/** How often machines are looked at while they settle; milliseconds. */
const EVERY_MS = 2_000;
/** Fly.io's list of machines may lag behind what was done; milliseconds. */
const LAG_MS = 10_000;

/** What is waited for. */
export interface Settling {
  digest: string;
  regions: readonly string[];
  /** How long machines may take to become sound; milliseconds, 0 for a single look. */
  patienceMs: number;
  signal: AbortSignal;
}

/**
 * Looks at the machines until they all run the wanted digest and are sound, or nothing more is to be
 * expected: nobody but flyctl replaces machines, so one with another digest keeps it.
 */
export async function settled(
  session: Pick<FlySession, "look">,
  { digest, regions, patienceMs, signal }: Settling,
  clock: Clock,
): Promise<Verdict> {
  const began = clock.now();
  for (;;) {
    const { machines } = await session.look();
    const verdict = verdictOn(machines, digest, regions);
    const waited = clock.now() - began;
    const lagging = verdict.others.length > 0 || verdict.machines.length === 0;
    const patience = lagging ? Math.min(LAG_MS, patienceMs) : patienceMs;
    if (isGood(verdict) || waited >= patience || signal.aborted) return verdict;
    await clock.sleep(Math.min(EVERY_MS, patience - waited), signal);
  }
}
