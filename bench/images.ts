import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { build } from "esbuild";
import { frontOf, type RegistryFront } from "../test/support/registryFront.ts";
import { registryPeers } from "../test/support/registryPeers.ts";
import { startRegistry } from "../test/support/registryProcess.ts";
import { root } from "./command.ts";

/** A program that brings an image from one reference to others. */
export interface ImageTool {
  name: string;
  /** Command lines that do it; several at a time where there is more than one. */
  commands: (from: string, targets: readonly string[]) => string[][];
}

/** What one run took. */
export interface ImageRun {
  /** From the start of the first process to the end of the last one. */
  ms: number;
  /** From the first request to the last answer. */
  lineMs: number;
  requests: number;
  /** The longest row of requests of which none began before the one before it was answered. */
  depth: number;
  /** Largest resident memory of any of its processes; MiB. */
  peakMiB: number;
}

/** Two registries behind a line with a delay, and the programs to compare: Sluice first. */
export interface ImageBench {
  /** Where images are put before: the registries themselves. */
  origins: readonly [string, string];
  /** What programs see of them. */
  hosts: readonly [string, string];
  tools: readonly ImageTool[];
  /** @param delayMs for each request; 0 leaves the line out, and requests uncounted */
  run: (
    tool: ImageTool,
    from: string,
    targets: readonly string[],
    delayMs: number,
  ) => Promise<ImageRun>;
  stop: () => Promise<void>;
}

/** Processes of a program that can do but one thing in each. */
const AT_ONCE = 8;

/** Starts it all; builds crane and regctl if SLUICE_TEST_TOOLS says so. */
export async function imageBench(): Promise<ImageBench> {
  const work = await mkdtemp(join(tmpdir(), "sluice-bench-"));
  const program = join(work, "image.mjs");
  await build({
    entryPoints: [join(root, "bench/programs/image.ts")],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "esm",
    minify: true,
  });
  const registries = await Promise.all([startRegistry(), startRegistry()]);
  const fronts = await Promise.all(registries.map(({ origin }) => frontOf(origin)));
  const peers = await registryPeers();
  const tools: ImageTool[] = [
    {
      name: "sluice",
      commands: (from, targets) => [[process.execPath, program, from, ...targets]],
    },
    ...peers.map(({ name, file, copy }) => ({
      name,
      commands: (from: string, targets: readonly string[]) =>
        targets.map((target) => [file, ...copy(from, target)]),
    })),
  ];
  const direct = new Map(fronts.map(({ host }, index) => [host, registries[index]?.host ?? ""]));
  return {
    origins: pair(registries.map(({ origin }) => origin)),
    hosts: pair(fronts.map(({ host }) => host)),
    tools,
    run: (tool, from, targets, delayMs) => {
      const through = (reference: string) =>
        delayMs > 0 ? reference : reference.replace(/^[^/]+/, (host) => direct.get(host) ?? host);
      return measured(tool.commands(through(from), targets.map(through)), fronts, delayMs);
    },
    stop: async () => {
      await Promise.all(fronts.map((front) => front.stop()));
      await Promise.all(registries.map((registry) => registry.stop()));
      await rm(work, { recursive: true, force: true });
    },
  };
}

async function measured(
  commands: readonly string[][],
  fronts: readonly RegistryFront[],
  delayMs: number,
): Promise<ImageRun> {
  for (const front of fronts) [front.spans, front.delayMs] = [[], delayMs];
  const waiting = [...commands];
  let peakMiB = 0;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let next; (next = waiting.shift());) peakMiB = Math.max(peakMiB, await runAgain(next));
    }),
  );
  const ms = performance.now() - started;
  const spans = fronts.flatMap((front) => front.spans);
  return { ms, ...lineOf(spans), requests: spans.length, peakMiB };
}

function lineOf(spans: RegistryFront["spans"]): Pick<ImageRun, "lineMs" | "depth"> {
  const first = Math.min(...spans.map(([asked]) => asked));
  const last = Math.max(...spans.map(([, answered]) => answered));
  let depth = 0;
  let end = 0;
  for (const [asked, answered] of spans.toSorted((a, b) => a[1] - b[1])) {
    if (asked < end) continue;
    depth += 1;
    end = answered;
  }
  return { lineMs: last - first, depth };
}

/**
 * Distribution 2 sometimes answers 500 for a manifest that somebody else tags at that moment, which
 * not every program asks again for: whoever runs it does.
 */
async function runAgain(command: readonly string[]): Promise<number> {
  return runOnce(command)
    .catch(() => runOnce(command))
    .catch(() => runOnce(command));
}

/** Runs a command to its end; answers its largest resident memory in MiB. */
async function runOnce([file = "", ...args]: readonly string[]): Promise<number> {
  const child = spawn(file, args, { stdio: ["ignore", "ignore", "pipe"] });
  const errors: Buffer[] = [];
  child.stderr.on("data", (chunk: Buffer) => errors.push(chunk));
  let peakKiB = 0;
  const timer = setInterval(() => {
    void readFile(`/proc/${child.pid ?? 0}/status`, "utf8").then(
      (status) => (peakKiB = Number(/VmHWM:\s*(\d+)/.exec(status)?.[1] ?? peakKiB)),
      () => undefined,
    );
  }, 20);
  const code = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  clearInterval(timer);
  if (code === 0) return peakKiB / 1024;
  throw new Error(`${file} ${args.join(" ")}:\n${Buffer.concat(errors).toString()}`);
}

function pair(values: readonly string[]): [string, string] {
  const [one = "", two = ""] = values;
  return [one, two];
}
