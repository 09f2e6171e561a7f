import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { SluiceError } from "../../core/error.ts";
import { CallError } from "../call/call-error.ts";
import type { Query } from "../call/query.ts";

/** What `dagger session` prints when it is ready. */
const ready = z.object({ port: z.number(), session_token: z.string() });

const answer = z.object({
  data: z.unknown(),
  errors: z
    .array(
      z.object({
        message: z.string(),
        path: z.array(z.union([z.string(), z.number()])).optional(),
        extensions: z.record(z.string(), z.unknown()).optional(),
      }),
    )
    .nullish(),
});

/** A session of an installed Dagger. It ends when it is closed, or with this process. */
export interface DaggerSession {
  query: Query;
  close(): Promise<void>;
}

/** A session with the engine that `dagger` finds. Asked, it throws `DAGGER_FAILED` where there is none. */
export function daggerSession(program: string, cwd: string): DaggerSession {
  const child = spawn(program, ["--silent", "session"], { cwd, stdio: ["pipe", "pipe", "pipe"] });
  const said = lastWordsOf(child);
  const failed = () =>
    new SluiceError("DAGGER_FAILED", `Dagger's engine can't be asked: ${said()}`, {
      hint: "see to it that `dagger core version` answers, or use --engine embedded",
    });
  const ended = new Promise<undefined>((resolve) => {
    child.once("error", () => resolve(undefined));
    child.once("close", () => resolve(undefined));
  });
  const line = once(createInterface(child.stdout), "line").then(([first]) => String(first));
  let isOpen = false;
  const opened = Promise.race([line, ended]).then((text) => {
    if (text === undefined) throw failed();
    isOpen = true;
    return ready.parse(JSON.parse(text));
  });
  opened.catch(() => undefined);
  return {
    query: async (source) => {
      const { port, session_token: token } = await opened;
      const body = await post(port, token, source).catch(() => {
        throw failed();
      });
      return dataOf(body);
    },
    close: async () => {
      child.stdin.end();
      // One that still looks for its engine hears nothing else.
      if (!isOpen) child.kill("SIGKILL");
      await ended;
    },
  };
}

/** The last line that it printed besides results. */
function lastWordsOf(child: ChildProcessByStdio<Writable, Readable, Readable>): () => string {
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-4000)));
  child.once("error", (error) => (said = error.message));
  const last = () =>
    plain(said)
      .trim()
      .split("\n")
      .at(-1)
      ?.replace(/^Error: /, "");
  return () => last() || "it ended without a word";
}

/** A query takes as long as what it asks for: no time limit. */
function post(port: number, token: string, source: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: "127.0.0.1", port, path: "/query", method: "POST", auth: `${token}:` },
      (response) => {
        text(response).then(resolve, reject);
      },
    );
    asked.setHeader("content-type", "application/json");
    asked.once("error", reject);
    asked.end(JSON.stringify({ query: source }));
  });
}

function dataOf(body: string): unknown {
  const { data, errors } = answer.parse(JSON.parse(body));
  const [first] = errors ?? [];
  if (!first) return data;
  throw new CallError(plain(first.message), first.path, first.extensions);
}

/** A message of Dagger's without what leads to its traces. */
const plain = (message: string): string => message.replace(/\s*\[traceparent:[^\]]*\]/g, "");
