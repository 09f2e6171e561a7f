import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";
import { z } from "zod";
import { type Answer, parseAnswer } from "./graphql.ts";
import { engineCommand, withoutSession } from "./session.ts";

const run = promisify(execFile);
const announcement = z.object({ port: z.int(), session_token: z.string() });

/** A session of the embedded engine as a process that a test may treat badly. */
export interface SessionProcess {
  pid: number;
  port: number;
  /** Sends a query; the answer is undefined when the process ended instead. */
  ask(query: string): Promise<Answer | undefined>;
  /** Resolves when progress says `text`. */
  says(text: string): Promise<void>;
  /** Resolves when so many containers of this session have started. */
  startsContainers(count: number): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  /** Everything said on standard error, and how it ended. */
  ended: Promise<{ code: number | null; stderr: string }>;
}

/** Starts one; killed when the test ends. */
export async function sessionProcess(env: Record<string, string> = {}): Promise<SessionProcess> {
  const [command, ...args] = engineCommand();
  const child = spawn(command, [...args, "--progress=plain", "--verbose", "session"], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...withoutSession(process.env), NO_COLOR: "1", ...env },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, stderr }));
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const { port, session_token: token } = announcement.parse(JSON.parse(line));
  const pid = child.pid ?? 0;
  return {
    pid,
    port,
    ended,
    kill: (signal) => void child.kill(signal),
    ask: async (query) => {
      try {
        const response = await fetch(`http://127.0.0.1:${port}/query`, {
          method: "POST",
          headers: {
            "content-type": "application/json",
            authorization: `Basic ${Buffer.from(`${token}:`).toString("base64")}`,
          },
          body: JSON.stringify({ query }),
        });
        return await parseAnswer(response);
      } catch (error) {
        if (error instanceof TypeError) return undefined;
        throw error;
      }
    },
    says: async (text) => {
      while (!stderr.includes(text)) await once(child.stderr, "data");
    },
    startsContainers: async (count) => {
      const filters = ["event=start", `label=dev.sluice.pid=${pid}`];
      const events = spawn("docker", [
        "events",
        // What started before is told, too.
        "--since=1m",
        ...filters.map((filter) => `--filter=${filter}`),
      ]);
      onTestFinished(() => void events.kill());
      let text = "";
      for await (const chunk of events.stdout.setEncoding("utf8") as AsyncIterable<string>) {
        text += chunk;
        if (text.split("\n").length > count) break;
      }
      events.kill();
    },
  };
}

/** Containers, networks and volumes in Docker that a session of process `pid` made, save caches. */
export async function leftBy(pid: number): Promise<string[]> {
  const filter = `--filter=label=dev.sluice.pid=${pid}`;
  const lists = await Promise.all(
    [
      ["ps", "--all", "--format=container {{.Image}} {{.Status}}"],
      ["network", "ls", "--format=network {{.Name}}"],
      ["volume", "ls", "--format=volume {{.Name}}"],
    ].map((command) => run("docker", [...command, filter])),
  );
  return lists.flatMap(({ stdout }) => stdout.split("\n").filter(Boolean));
}
