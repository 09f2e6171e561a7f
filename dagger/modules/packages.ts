import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { copyFile, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { SluiceError } from "../core/error.ts";
import { keyOf } from "../core/key.ts";
import { messageOf } from "../core/message.ts";
import type { Session } from "../core/session.ts";
import { withLock } from "../core/lock.ts";
import { copyInstalled, readText } from "./installed-packages.ts";

/** Always the engine's own copies, never the module's. */
const provided = new Set(["@dagger.io/dagger", "typescript"]);

const packageJson = z.looseObject({
  dependencies: z.record(z.string(), z.string()).default({}),
});

/**
 * A `node_modules` directory that holds the module's dependencies and nothing else: neither packages
 * for development nor what a folder above has. Filled once, from the module's own when all of it is
 * installed there, else by npm, and kept. Undefined when the module needs none.
 */
export async function modulePackages(
  session: Session,
  moduleName: string,
  sourceDir: string,
): Promise<string | undefined> {
  const manifest = await readText(join(sourceDir, "package.json"));
  if (manifest === undefined) return undefined;
  const needed = neededPackages(join(sourceDir, "package.json"), manifest);
  if (needed.length === 0) return undefined;
  const own = join(sourceDir, "node_modules");
  const lock = await readText(join(sourceDir, "package-lock.json"));
  // Without a lock file, npm's own note says what it installed.
  const installed = lock ?? (await readText(join(own, ".package-lock.json"))) ?? "";
  const home = join(session.stateDir, "modules");
  const folder = join(home, `packages-${keyOf("packages", manifest, installed).slice(0, 24)}`);
  await mkdir(home, { recursive: true });
  await session.once(keyOf("install", folder), () =>
    withLock(`${folder}.lock`, session.signal, async () => {
      if (existsSync(folder)) return;
      await made(folder, async (draft) => {
        if (await copyInstalled(own, needed, installed, join(draft, "node_modules"))) return;
        await install(session, moduleName, sourceDir, draft, lock);
      });
    }),
  );
  return join(folder, "node_modules");
}

function neededPackages(file: string, text: string): string[] {
  try {
    const { dependencies } = packageJson.parse(JSON.parse(text));
    return Object.keys(dependencies).filter((name) => !provided.has(name));
  } catch (cause) {
    throw new SluiceError("INVALID_MODULE", `${file}: ${messageOf(cause)}`, { cause });
  }
}

async function made(folder: string, fill: (draft: string) => Promise<void>): Promise<void> {
  const draft = `${folder}.${process.pid}`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true });
  try {
    await fill(draft);
    await rename(draft, folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function install(
  session: Session,
  moduleName: string,
  sourceDir: string,
  draft: string,
  lock: string | undefined,
): Promise<void> {
  await rm(join(draft, "node_modules"), { recursive: true, force: true });
  for (const name of ["package.json", "package-lock.json", ".npmrc"]) {
    const from = join(sourceDir, name);
    if (existsSync(from)) await copyFile(from, join(draft, name));
  }
  // Install scripts would run with the rights of whoever calls the module.
  const flags = ["--omit=dev", "--no-audit", "--no-fund", "--ignore-scripts"];
  const command = lock === undefined ? "install" : "ci";
  await session.progress.task(`install the packages of module ${moduleName}`, (task) =>
    npm([command, ...flags], draft, session.signal, (text) => task.log(text)),
  );
}

async function npm(
  args: string[],
  cwd: string,
  signal: AbortSignal,
  log: (text: string) => void,
): Promise<void> {
  const child = spawn("npm", args, { cwd, signal, stdio: ["ignore", "pipe", "pipe"] });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said.push(text);
      log(text.trimEnd());
    });
  }
  const [code] = (await once(child, "close").catch((cause: unknown) => {
    throw new SluiceError("NPM_FAILED", `npm can't be run: ${messageOf(cause)}`, {
      cause,
      hint: "Install Node.js with npm, or install the module's packages by hand.",
    });
  })) as [number | null];
  if (code === 0) return;
  const end = said.join("").trim().split("\n").slice(-10).join("\n");
  throw new SluiceError("NPM_FAILED", `npm ${args[0] ?? ""} exited ${String(code)}:\n${end}`, {
    hint: "Check the module's package.json and the network, then run the command again.",
  });
}
