import type { z } from "zod";
import { SluiceError } from "../../error.ts";
import type { Program } from "../program.ts";
import { accessFailure, isTransient, reasonIn } from "./failure.ts";
import type { Clock } from "../../verify/clock.ts";

/** What one run of flyctl came to; without secrets. */
export interface Ran {
  code: number;
  stdout: string;
  /** Everything that it wrote for people. */
  said: string;
}

/** Official flyctl, with its token and configuration. */
export interface Flyctl {
  /** Runs it once, however it ends. */
  run(args: readonly string[]): Promise<Ran>;
  /**
   * Asks for something as JSON; asks again while the way to Fly.io fails.
   *
   * @param what for messages: `the state of app shop`
   * @throws SluiceError `FLY_UNAUTHORIZED`, `FLY_APP_NOT_FOUND`, `FLY_UNREACHABLE`, `FLY_FAILED`,
   *   `FLY_PROTOCOL`
   */
  ask<T>(question: Question<T>): Promise<T>;
}

/** A command that only reads. */
export interface Question<T> {
  args: readonly string[];
  answer: z.ZodType<T>;
  what: string;
  app?: string | undefined;
}

const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 500;

/** @param scrub takes secrets out of a text */
export function flyctlOver(
  program: Program,
  { scrub, clock, signal }: { scrub: (text: string) => string; clock: Clock; signal: AbortSignal },
): Flyctl {
  const run = async (args: readonly string[]): Promise<Ran> => {
    const { code, stdout, stderr } = await program.run(args);
    const said = scrub([stderr, stdout].filter((text) => text.trim() !== "").join("\n"));
    return { code, stdout: scrub(stdout), said };
  };
  const ask = async <T>(question: Question<T>): Promise<T> => {
    for (let attempt = 1; ; attempt += 1) {
      const ran = await run(question.args);
      if (ran.code === 0) return answerIn(question, ran.stdout);
      const again = isTransient(ran.said) && attempt < ATTEMPTS && !signal.aborted;
      if (!again) throw failure(question, ran, attempt);
      await clock.sleep(FIRST_PAUSE_MS * 2 ** (attempt - 1), signal);
    }
  };
  return { run, ask };
}

function answerIn<T>({ answer, what, args }: Question<T>, stdout: string): T {
  const parsed = answer.safeParse(jsonIn(stdout));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const at = issue?.path.length ? `${issue.path.join(".")}: ` : "";
  throw new SluiceError(
    "FLY_PROTOCOL",
    `${what}: flyctl answered other JSON than expected (${at}${issue?.message ?? "unknown"})`,
    {
      detail: `flyctl ${args.join(" ")}\n${stdout.slice(0, 1000)}`,
      hint: "use another version of flyctl: the target's flyctl in the pipeline file",
    },
  );
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function failure<T>({ what, app }: Question<T>, { code, said }: Ran, attempts: number): Error {
  const refused = accessFailure(said, app);
  if (refused) return refused;
  const tried = attempts > 1 ? ` (${attempts} attempts)` : "";
  const reason = `${what}: flyctl ended with exit code ${code}: ${reasonIn(said)}${tried}`;
  return isTransient(said)
    ? new SluiceError("FLY_UNREACHABLE", reason, {
        hint: "check the network, and https://status.flyio.net, then run this again",
      })
    : new SluiceError("FLY_FAILED", reason, { detail: said });
}
