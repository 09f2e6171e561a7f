import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { git } from "./gitServer.ts";
import type { Outcome } from "./launcher.ts";
import { ReleaseRun, type RunOptions } from "./releaseRun.ts";

/** Files by path; null removes one. */
export type Files = Readonly<Record<string, string | null>>;

/** A git repository that is released with the launcher. Remove it with `remove`. */
export class ReleaseRepository {
  private constructor(readonly dir: string) {}

  /** A repository with one commit of these files. */
  static async create(files: Files): Promise<ReleaseRepository> {
    const dir = await mkdtemp(join(realpathSync(tmpdir()), "sluice-release-"));
    const repository = new ReleaseRepository(dir);
    await git(dir, "init", "--quiet", "--template=", "--initial-branch=main");
    await repository.commit("Begin", files);
    return repository;
  }

  remove(): Promise<void> {
    return rm(this.dir, { recursive: true, force: true });
  }

  /** Changes the work tree only. */
  async write(files: Files): Promise<void> {
    for (const [name, content] of Object.entries(files)) {
      const path = join(this.dir, name);
      if (content === null) {
        await rm(path, { recursive: true });
        continue;
      }
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
    }
  }

  /** Commits these changes; answers the commit. */
  async commit(message: string, files: Files): Promise<string> {
    await this.write(files);
    await git(this.dir, "add", "--all");
    await git(this.dir, "commit", "--quiet", "--allow-empty", "--message", message);
    return this.head();
  }

  head(): Promise<string> {
    return git(this.dir, "rev-parse", "HEAD");
  }

  /** Starts `sluice call --source <this> <args>`. */
  start(args: readonly string[], options?: RunOptions): ReleaseRun {
    return new ReleaseRun(["--source", this.dir, ...args], options);
  }

  /** Runs it; nothing that it started may be left, however it ends. */
  async run(args: readonly string[], options?: RunOptions): Promise<Outcome> {
    const run = this.start(args, options);
    const outcome = await run.ended;
    expect(await run.left(), `left by ${args.join(" ")}`).toEqual([]);
    return outcome;
  }

  /** What it prints; fails the test with its progress when it does not exit 0. */
  async call(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(args);
    if (code !== 0) throw new Error(`${args.join(" ")} exited ${code}:\n${stderr}`);
    return stdout;
  }

  /** The same, read as JSON. */
  async json(...args: string[]): Promise<unknown> {
    return JSON.parse(await this.call(...args)) as unknown;
  }

  /** How a run failed; fails the test when it did not. */
  async refused(args: readonly string[], options?: RunOptions): Promise<Refusal> {
    const run = this.start(args, options);
    const outcome = await run.ended;
    expect(await run.left(), `left by ${args.join(" ")}`).toEqual([]);
    expect(outcome.code, `${args.join(" ")} printed ${outcome.stdout}`).not.toBe(0);
    const { error, next } = complaintIn(outcome.stderr);
    return { ...outcome, error, next, started: await run.started() };
  }
}

/** How a run failed. */
export interface Refusal extends Outcome {
  /** The line that begins with `Error:`, without that. */
  error: string;
  /** The line that begins with `next:` or `Next:`, without that. */
  next: string;
  /** Containers that it started. */
  started: string[];
}

function complaintIn(stderr: string): Pick<Refusal, "error" | "next"> {
  const [, error = `no line with an error in:\n${stderr}`] = /^Error: (.*)$/m.exec(stderr) ?? [];
  const [, next = `no next step in:\n${stderr}`] = /^next: (.*)$/im.exec(stderr) ?? [];
  return { error, next };
}
