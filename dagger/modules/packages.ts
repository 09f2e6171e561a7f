import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { SluiceError } from "../core/error.ts";
import { keyOf } from "../core/key.ts";
import { messageOf } from "../core/message.ts";
import type { Session } from "../core/session.ts";
import { withLock } from "../core/lock.ts";

/** Always the engine's own copies, never the module's. */
const provided = new Set(["@dagger.io/dagger", "typescript"]);

const packageJson = z.looseObject({
  dependencies: z.record(z.string(), z.string()).default({}),
});
const lockfile = z.looseObject({
  packages: z.record(z.string(), z.looseObject({ version: z.string().optional() })).default({}),
});

/**
 * A `node_modules` directory that holds the module's dependencies: its own when what is installed
 * there fits, else one that npm fills once and that is kept. Undefined when it needs none.
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
  const lock = await readText(join(sourceDir, "package-lock.json"));
  const own = join(sourceDir, "node_modules");
  if (await fits(own, needed, lock)) return own;
  const home = join(session.stateDir, "modules");
  const folder = join(home, `packages-${keyOf("packages", manifest, lock).slice(0, 24)}`);
  await mkdir(home, { recursive: true });
  await session.once(keyOf("install", folder), () =>
    withLock(`${folder}.lock`, session.signal, async () => {
      if (!existsSync(folder)) await install(session, moduleName, sourceDir, folder, lock);
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

/** Whether every needed package is there, in the locked version where there is a lockfile. */
async function fits(own: string, needed: string[], lock: string | undefined): Promise<boolean> {
  const locked = lock === undefined ? undefined : lockfile.safeParse(JSON.parse(lock)).data;
  for (const name of needed) {
    const text = await readText(join(own, name, "package.json"));
    if (text === undefined) return false;
    const expected = locked?.packages[`node_modules/${name}`]?.version;
    const { version } = z.looseObject({ version: z.string() }).parse(JSON.parse(text));
    if (expected !== undefined && expected !== version) return false;
  }
  return true;
}

async function install(
  session: Session,
  moduleName: string,
  sourceDir: string,
  folder: string,
  lock: string | undefined,
): Promise<void> {
  const draft = `${folder}.${process.pid}`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true });
  try {
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
    await rename(draft, folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
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

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}
