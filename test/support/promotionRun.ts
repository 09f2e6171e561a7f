import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Yard } from "./shipyard.ts";

const program = fileURLToPath(new URL("promotionProcess.ts", import.meta.url));

/** A promotion in a process of its own. */
export interface PromotionRun {
  /** Sends it a signal. */
  signal(name: NodeJS.Signals): void;
  /** Resolved once it has said that, as often. */
  says(text: string, times?: number): Promise<void>;
  /** How it ended, and all that it said. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; said: string }>;
}

/** Starts one. */
export function startPromotion(
  yard: Yard,
  commit: string,
  nodeOptions: readonly string[] = [],
): PromotionRun {
  const child = spawn(
    process.execPath,
    [...nodeOptions, "--import", "tsx", program, JSON.stringify(yard), commit],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  }
  const ended = once(child, "close").then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
    said,
  }));
  const says = async (text: string, times = 1): Promise<void> => {
    while (said.split(text).length <= times)
      await Promise.race([once(child.stdout, "data"), failed(text)]);
  };
  const failed = async (text: string): Promise<never> => {
    await ended;
    throw new Error(`it never said ${text}:\n${said}`);
  };
  return { signal: (name) => child.kill(name), says, ended };
}
