import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command, root, sluice } from "./command.ts";

/** The example stack in a repository of its own, published to registries that run outside the engine. */
export interface BenchStack {
  dir: string;
  call: (...args: string[]) => Promise<string>;
  remove: () => Promise<void>;
}

/** Makes the repository; `hosts` become its registries. */
export async function makeStack(hosts: readonly string[]): Promise<BenchStack> {
  const dir = await mkdtemp(join(tmpdir(), "sluice-bench-"));
  await command(join(root, "examples/make-repository"), [dir]);
  const file = join(dir, "release.yaml");
  const text = await readFile(file, "utf8");
  const registries = hosts.map((host, index) => `  r${index}: { address: ${host}/stack }`);
  await writeFile(
    file,
    text.replace(/^registries:\n(?: .*\n)+/m, `registries:\n${registries.join("\n")}\n`),
  );
  const git = (...args: string[]) =>
    command("git", ["-c", "user.name=bench", "-c", "user.email=bench@localhost", ...args], {
      cwd: dir,
    });
  await git("commit", "--quiet", "--all", "--message", "Publish to the benchmark's registries");
  return {
    dir,
    call: (...args) =>
      command(sluice, ["--engine", "embedded", "call", "-s", "--source", dir, ...args], {
        cwd: root,
      }),
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}
