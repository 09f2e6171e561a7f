import { execFile, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { SluiceError } from "../core/error.ts";

const exec = promisify(execFile);

/** Why this host can't make stand-ins, in words for the operator; undefined when it can. */
export async function unableHere(): Promise<string | undefined> {
  if (process.platform !== "linux") return "stand-ins can be made on Debian and Ubuntu only";
  if (process.getuid?.() !== 0) return "stand-ins can be made by root only";
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  return /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(release)
    ? undefined
    : "stand-ins can be made on Debian and Ubuntu only";
}

/** `bookworm` or the like: the release whose packages this host's apt offers. */
export async function suite(): Promise<string> {
  const release = await readFile("/etc/os-release", "utf8");
  return /^VERSION_CODENAME=(\w+)/m.exec(release)?.[1] ?? "stable";
}

/** Installs Debian packages on this host when the program they bring is missing. */
export async function ensureProgram(
  program: string,
  packages: string[],
  signal?: AbortSignal,
): Promise<void> {
  const found = await exec("sh", ["-c", 'command -v "$1"', "sh", program]).then(
    () => true,
    () => false,
  );
  if (found) return;
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await exec("apt-get", ["update", "-qq"], { env, signal });
  await exec("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages], {
    env,
    signal,
  });
}

/** Starts a program whose standard output is the result; fails with the end of what it complained about. */
export function produce(program: string, args: string[], signal?: AbortSignal) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], signal });
  let complaint = "";
  child.stderr
    .setEncoding("utf8")
    .on("data", (text: string) => (complaint = (complaint + text).slice(-2000)));
  const done = new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve();
      else
        reject(
          new SluiceError(
            "STAND_IN_FAILED",
            `${program} exited with ${code ?? "a signal"}: ${complaint.trim()}`,
          ),
        );
    });
  });
  done.catch(() => undefined);
  return { output: child.stdout, done };
}
