import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { withLock } from "../core/lock.ts";
import type { Daemon } from "../docker/daemon/daemon.ts";
import { tagImage } from "../docker/image/tag.ts";
import { busyboxImage } from "./busybox.ts";
import { unableHere } from "./host.ts";
import { recipeImage } from "./install.ts";
import { baseImage } from "./base.ts";
import { baseRepositories, busyboxRepositories, recipes } from "./recipes.ts";

export interface StandInContext {
  daemon: Daemon;
  /** Where the lock lives that keeps two processes from making the same image. */
  stateDir: string;
  progress?: (line: string) => void;
  signal?: AbortSignal;
}

/**
 * Makes (or finds) a stand-in for an official image and names it `ref` in Docker's store. Answers its
 * id; null when there is no recipe for the image or this host can't make one, which is said.
 */
export async function standIn(
  ref: string,
  platform: string,
  context: StandInContext,
): Promise<string | null> {
  const { daemon, signal, progress = () => undefined } = context;
  const match = /^(?:docker\.io\/)?(?:library\/)?([a-z-]+(?:\/[a-z-]+)?)(?::([\w.-]+))?$/.exec(ref);
  const [, name = "", tag = "latest"] = match ?? [];
  const recipe = Object.hasOwn(recipes, name) ? recipes[name] : undefined;
  if (!recipe && !baseRepositories.has(name) && !busyboxRepositories.has(name)) return null;
  if (platform !== `linux/${process.arch === "x64" ? "amd64" : process.arch}`) return null;
  const reason = await unableHere();
  if (reason) {
    progress(`no stand-in for ${ref}: ${reason}`);
    return null;
  }
  await mkdir(context.stateDir, { recursive: true });
  let told = false;
  const making = (): void => {
    if (!told) progress(`no registry answers for ${ref}: making a stand-in`);
    told = true;
  };
  const lock = join(context.stateDir, `stand-in-${name.replace("/", "-")}.lock`);
  const arch = platform.replace("linux/", "");
  const made = await withLock(lock, signal ?? new AbortController().signal, async () => {
    if (busyboxRepositories.has(name)) return busyboxImage(daemon, making, signal);
    const base = await withBaseLock(context, () => baseImage(daemon, making, signal));
    return recipe ? recipeImage(daemon, base, name, tag, recipe, { arch, making, signal }) : base;
  });
  await tagImage(daemon, made.id, ref);
  return made.id;
}

function withBaseLock<T>({ stateDir, signal }: StandInContext, work: () => Promise<T>): Promise<T> {
  return withLock(
    join(stateDir, "stand-in-base.lock"),
    signal ?? new AbortController().signal,
    work,
  );
}
