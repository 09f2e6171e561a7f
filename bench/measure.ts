import { performance } from "node:perf_hooks";

/** One side of a comparison: what is run, again and again. */
export interface Contender {
  name: string;
  /** Not timed; before every run. */
  prepare?: () => Promise<void>;
  run: () => Promise<void>;
}

/** Median and range of several runs, in milliseconds. */
export interface Timing {
  median: number;
  min: number;
  max: number;
}

/**
 * Runs two contenders in turn (A B A B …), so that a machine whose speed drifts slows both, after
 * one run of each that does not count.
 */
export async function compare(
  ours: Contender,
  peer: Contender,
  runs: number,
): Promise<{ ours: Timing; peer: Timing }> {
  const times = new Map<Contender, number[]>([
    [ours, []],
    [peer, []],
  ]);
  for (let round = -1; round < runs; round++) {
    for (const contender of [ours, peer]) {
      await contender.prepare?.();
      const started = performance.now();
      await contender.run();
      if (round >= 0) times.get(contender)?.push(performance.now() - started);
    }
  }
  return { ours: summarise(times.get(ours) ?? []), peer: summarise(times.get(peer) ?? []) };
}

function summarise(values: number[]): Timing {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? Number.NaN;
  return { median: at(Math.floor(sorted.length / 2)), min: at(0), max: at(sorted.length - 1) };
}

/** One line a contender, and the ratio that is the result: below 1 means Sluice is faster. */
export function report(
  title: string,
  ours: Contender,
  peer: Contender,
  result: { ours: Timing; peer: Timing },
): string {
  const row = (name: string, { median, min, max }: Timing) =>
    `  ${name.padEnd(44)} ${median.toFixed(0).padStart(7)} ms   (${min.toFixed(0)}–${max.toFixed(0)})`;
  const ratio = result.ours.median / result.peer.median;
  return [
    title,
    row(ours.name, result.ours),
    row(peer.name, result.peer),
    `  ratio ${ratio.toFixed(2)}`,
    "",
  ].join("\n");
}
