import type { ImageBench, ImageRun, ImageTool } from "./images.ts";

/** What every program is to do. */
export interface ImageCase {
  title: string;
  /** Makes what one run needs, in places of its own; nothing of it is timed. */
  prepare: (run: string) => Promise<{ from: string; targets: string[] }>;
}

/** Held up for each request, as on the way to a registry on the internet; milliseconds. */
const LINE_MS = 50;

/**
 * Each program in turn, several times, and what that took as a multiple of what Sluice takes: from
 * the first request to the last answer, and with the start of the processes.
 */
export async function imageTable(
  bench: ImageBench,
  cases: readonly ImageCase[],
  runs: number,
): Promise<string> {
  const lines: string[] = [];
  for (const [index, { title, prepare }] of cases.entries()) {
    const taken = new Map<ImageTool, ImageRun[]>(bench.tools.map((tool) => [tool, []]));
    for (let round = 0; round < runs; round++) {
      for (const [tool, all] of taken) {
        const { from, targets } = await prepare(`${index}/${tool.name}/${round}`);
        all.push(await bench.run(tool, from, targets, LINE_MS));
      }
    }
    lines.push(`${title}, ${LINE_MS} ms away`, ...rows(taken), "");
  }
  return lines.join("\n");
}

function rows(taken: ReadonlyMap<ImageTool, ImageRun[]>): string[] {
  const all = [...taken].map(([{ name }, runs]) => {
    const of = (key: keyof ImageRun) => median(runs.map((run) => run[key]));
    return { name, requests: of("requests"), depth: of("depth"), line: of("lineMs"), ms: of("ms") };
  });
  const [ours] = all;
  const figure = (value: number, unit: string, own = 1) =>
    `${value.toFixed(0).padStart(6)}${unit} ×${(value / own).toFixed(2).padEnd(6)}`;
  return all.map(({ name, requests, depth, line, ms }) =>
    [
      `  ${name.padEnd(8)}`,
      figure(requests, " requests", ours?.requests),
      figure(depth, " deep", ours?.depth),
      figure(line, " ms", ours?.line),
      `${figure(ms, " ms", ours?.ms)} with its start`,
    ].join(""),
  );
}

/** The middle one of several values. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
