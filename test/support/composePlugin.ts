import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { go, made } from "./registryTools.ts";

const run = promisify(execFile);
const VERSION = "v2.40.3";
const SOURCE = `github.com/docker/compose/v2@${VERSION}`;

/**
 * Environment in which `docker compose` works: with the machine's own plugin, or one that is built
 * from its Go module. That takes three minutes on two cores, the first time.
 */
export async function composeEnvironment(): Promise<Record<string, string>> {
  if (await works({})) return {};
  const folder = await alone(() => made(`docker-config-compose-${VERSION}`, build));
  const environment = { DOCKER_CONFIG: folder };
  if (await works(environment)) return environment;
  throw new Error(`docker compose ${VERSION} was built, and docker can't run it`);
}

/** Test files run beside each other: one builds, and the others find what it built. */
async function alone<T>(work: () => Promise<T>): Promise<T> {
  const lock = join(tmpdir(), "sluice-test-compose.lock");
  const holder = spawn("flock", [lock, "sh", "-c", "echo held; cat"]);
  await once(holder.stdout, "data");
  try {
    return await work();
  } finally {
    holder.stdin.end();
  }
}

function works(environment: Readonly<Record<string, string>>): Promise<boolean> {
  const env = { ...process.env, ...environment };
  return run("docker", ["compose", "version"], { env }).then(
    () => true,
    () => false,
  );
}

/** A folder for DOCKER_CONFIG that has nothing but the plugin. */
async function build(work: string): Promise<string> {
  const downloaded = await go(["mod", "download", "-json", SOURCE], { cwd: work });
  const { Dir: module } = z.object({ Dir: z.string() }).parse(JSON.parse(downloaded));
  // go install refuses modules whose go.mod excludes others; and modules are kept read-only.
  const source = join(work, "source");
  await cp(module, source, { recursive: true });
  await run("chmod", ["-R", "u+w", source]);
  const config = join(work, "config");
  await mkdir(join(config, "cli-plugins"), { recursive: true });
  const flags = `-s -w -X github.com/docker/compose/v2/internal.Version=${VERSION}`;
  const program = join(config, "cli-plugins/docker-compose");
  const args = ["build", "-p=2", "-trimpath", "-ldflags", flags, "-o", program, "./cmd"];
  await go(args, { cwd: source });
  return config;
}
