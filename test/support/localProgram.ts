import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { OpenProgram } from "../../.dagger/src/deploy/program.ts";
import { scratch } from "./scratch.ts";

/**
 * Programs of this machine, instead of those of an image: what they are given as files lies below a
 * scratch folder, and mentions of those paths in arguments, files and environment point there.
 *
 * @param commands this machine's command by the program's name: `{ ssh: ["/usr/bin/ssh"] }`
 */
export function localPrograms(
  commands: Readonly<Record<string, readonly [string, ...string[]]>>,
): OpenProgram {
  return ({ command, env = {}, secrets = {}, files = {}, secretFiles = {} }) => {
    const [program, ...first] = commands[command] ?? [command];
    return {
      async run(args, { stdin = "" } = {}) {
        const root = await scratch();
        const paths = [...Object.keys(files), ...Object.keys(secretFiles)];
        const here = (text: string) =>
          paths.reduce((said, path) => said.replaceAll(path, join(root, path)), text);
        for (const [path, text] of Object.entries({ ...files, ...secretFiles })) {
          await mkdir(dirname(join(root, path)), { recursive: true });
          await writeFile(join(root, path), path in files ? here(text) : text);
          await chmod(join(root, path), path in files ? 0o644 : 0o400);
        }
        const child = spawn(program, [...first, ...args.map(here)], {
          cwd: root,
          env: {
            PATH: process.env.PATH,
            HOME: root,
            ...Object.fromEntries(Object.entries(env).map(([name, text]) => [name, here(text)])),
            ...secrets,
          },
        });
        const output = { stdout: "", stderr: "" };
        child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
        child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
        // A program that ends without reading its input is no error of ours.
        child.stdin.on("error", () => undefined).end(stdin);
        const [code] = (await once(child, "close")) as [number | null];
        return { code: code ?? 128 + 9, ...output };
      },
    };
  };
}
