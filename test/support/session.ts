import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import * as zlib from "node:zlib";
import { connection } from "@dagger.io/dagger";
import { z } from "zod";

/**
 * Which session the conformance suite talks to.
 *
 * - `DAGGER_SESSION_PORT` and `DAGGER_SESSION_TOKEN` set: that session, whoever serves it. This is
 *   how the suite is pointed at a real engine: `dagger run npx vitest run --project conformance`.
 * - else one session of the embedded engine, started for the whole run.
 *
 * `SLUICE_TEST_CLI` (default: the launcher of this repository) starts the further sessions that a
 * few tests need, and runs the module fixtures; set it to `dagger` along with a real engine.
 */
export interface OpenSession {
  port: number;
  token: string;
  /** Ends the session; resolves when its process is gone. */
  close(): Promise<void>;
}

const announcement = z.object({ port: z.int(), session_token: z.string() });
const launcher = fileURLToPath(new URL("../../bin/sluice.mjs", import.meta.url));

/** The command that stands for `dagger`, with its first arguments. */
export function engineCommand(): [string, ...string[]] {
  const cli = process.env.SLUICE_TEST_CLI;
  return cli ? [cli] : [process.execPath, launcher];
}

/** True when the tests run on the embedded engine, whose errors name what it does not support. */
export const onEmbeddedEngine = process.env.SLUICE_TEST_ENGINE === "embedded";

/** False where the engine is ours and runs on a Node.js that has no zstd (before 22.15). */
export const hasZstd = !onEmbeddedEngine || "createZstdCompress" in zlib;

/**
 * Starts a session of its own. The session command prints one JSON line with its port and token,
 * and ends when its standard input closes.
 */
export async function openSession(env: Record<string, string> = {}): Promise<OpenSession> {
  const [command, ...args] = engineCommand();
  const child = spawn(command, [...args, "session"], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...withoutSession(process.env), ...env },
  });
  const complaints: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (text: string) => complaints.push(text));
  const exited = once(child, "close");
  const first = once(createInterface({ input: child.stdout }), "line") as Promise<[string]>;
  const line = await Promise.race([
    first.then(([text]) => text),
    exited.then(() => {
      throw new Error(`the session command ended before it was ready:\n${complaints.join("")}`);
    }),
  ]);
  const { port, session_token: token } = announcement.parse(JSON.parse(line));
  return {
    port,
    token,
    close: async () => {
      end(child);
      await exited;
    },
  };
}

/** Environment for a child process that must not join the session of this one. */
export function withoutSession(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !name.startsWith("DAGGER_SESSION_")),
  );
}

function end(child: ChildProcess): void {
  child.stdin?.end();
}

/**
 * Runs `program` with the SDK's global `dag` bound to `session`. The SDK finds its session by
 * environment variables, and only when it connects, so they are set for that moment.
 */
export async function inSession(
  session: { port: number; token: string },
  program: () => Promise<void>,
): Promise<void> {
  const { DAGGER_SESSION_PORT: port, DAGGER_SESSION_TOKEN: token } = process.env;
  point(String(session.port), session.token);
  try {
    await connection(program);
  } finally {
    point(port, token);
  }
}

function point(port: string | undefined, token: string | undefined): void {
  if (port === undefined || token === undefined) {
    delete process.env.DAGGER_SESSION_PORT;
    delete process.env.DAGGER_SESSION_TOKEN;
    return;
  }
  process.env.DAGGER_SESSION_PORT = port;
  process.env.DAGGER_SESSION_TOKEN = token;
}

/** Vitest's global set-up: one session for all test files. */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env.DAGGER_SESSION_PORT !== undefined) return undefined;
  const session = await openSession();
  point(String(session.port), session.token);
  process.env.SLUICE_TEST_ENGINE = "embedded";
  return () => session.close();
}
