import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { hostname } from "node:os";
import { fileURLToPath } from "node:url";
import { docker } from "./dockerStage.ts";
import type { Outcome } from "./launcher.ts";
import { engineCommand, withoutSession } from "./session.ts";

const module = fileURLToPath(new URL("../..", import.meta.url));

/** Settings of one run of the launcher. */
export interface RunOptions {
  /** Default: that of the tests. */
  cwd?: string;
  env?: Record<string, string>;
  /** Options of the launcher itself, before the command. */
  options?: string[];
}

/** One run of the launcher with the release module, as a process of its own. */
export class ReleaseRun {
  readonly pid: number;
  /** How it ended; the exit code of one that was killed is 128 and the number of the signal. */
  readonly ended: Promise<Outcome>;
  readonly #child: ChildProcess;
  readonly #begun = Date.now();
  #stdout = "";
  #stderr = "";

  /** Runs `sluice call <args>`. */
  constructor(args: readonly string[], { cwd, env, options = [] }: RunOptions = {}) {
    const [command, ...first] = engineCommand();
    const child = spawn(command, [...first, "-m", module, ...options, "call", ...args], {
      cwd,
      env: { ...withoutSession(process.env), NO_COLOR: "1", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    if (child.pid === undefined) throw new Error(`${command} could not be started`);
    this.pid = child.pid;
    this.#child = child;
    child.stdout.setEncoding("utf8").on("data", (text: string) => (this.#stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (this.#stderr += text));
    this.ended = once(child, "close").then((result) => ({
      code: (result[0] as number | null) ?? 128 + 9,
      stdout: this.#stdout,
      stderr: this.#stderr,
    }));
  }

  /** Waits until its progress says something; fails when it ends before that. */
  async says(what: RegExp): Promise<void> {
    const { stderr } = this.#child;
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (!what.test(this.#stderr)) return;
        stderr?.off("data", look);
        resolve();
      };
      stderr?.on("data", look);
      look();
      void this.ended.then(() => {
        look();
        reject(new Error(`it ended before it said ${what.source}:\n${this.#stderr}`));
      });
    });
  }

  /** Sends a signal; answers how it ended. */
  interrupt(signal: NodeJS.Signals): Promise<Outcome> {
    this.#child.kill(signal);
    return this.ended;
  }

  /** Containers, networks and volumes of this run that are there right now. */
  async left(): Promise<string[]> {
    const filters = this.#own();
    const lists = await Promise.all([
      docker("ps", "--all", "--format", "container {{.ID}} {{.Command}}", ...filters),
      docker("network", "ls", "--format", "network {{.Name}}", ...filters),
      docker("volume", "ls", "--format", "volume {{.Name}}", ...filters),
    ]);
    return lists.flatMap(linesOf);
  }

  /** Names of the containers that it has started up to now, gone or not. */
  async started(): Promise<string[]> {
    const since = String(Math.floor(this.#begun / 1000) - 1);
    const until = String(Math.ceil(Date.now() / 1000));
    const name = "{{.Actor.Attributes.name}}";
    const range = ["--since", since, "--until", until, "--format", name];
    return linesOf(await docker("events", ...range, "--filter", "event=start", ...this.#own()));
  }

  /** What its containers, networks and volumes are labelled with. */
  #own(): string[] {
    const labels = [`dev.sluice.pid=${this.pid}`, `dev.sluice.host=${hostname()}`];
    return labels.flatMap((label) => ["--filter", `label=${label}`]);
  }
}

const linesOf = (text: string): string[] => text.split("\n").filter((line) => line !== "");
