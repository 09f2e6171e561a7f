import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { dockerConfigFolder } from "../discovery/context.ts";
import type { RegistryCredentials } from "../types.ts";

const configFile = z.object({
  auths: z
    .record(
      z.string(),
      z.object({
        auth: z.string().optional(),
        username: z.string().optional(),
        password: z.string().optional(),
        identitytoken: z.string().optional(),
      }),
    )
    .optional(),
  credsStore: z.string().optional(),
  credHelpers: z.record(z.string(), z.string()).optional(),
});

const helperAnswer = z.object({ Username: z.string(), Secret: z.string() });

const HELPER_TIMEOUT_MS = 10_000;
/** Key of Docker Hub in the docker client's configuration. */
const DOCKER_HUB = "https://index.docker.io/v1/";

/**
 * Credentials for a registry (`docker.io`, `ghcr.io`): those given, else those of the docker
 * client's own configuration and credential helpers.
 */
export async function credentialsFor(
  registry: string,
  given: ReadonlyMap<string, RegistryCredentials>,
): Promise<RegistryCredentials | undefined> {
  return given.get(registry) ?? (await configured(registry));
}

async function configured(registry: string): Promise<RegistryCredentials | undefined> {
  const config = await readConfig();
  if (!config) return undefined;
  const keys = registry === "docker.io" ? [DOCKER_HUB, "docker.io", "index.docker.io"] : [registry];
  const helper = keys.map((key) => config.credHelpers?.[key]).find(Boolean) ?? config.credsStore;
  if (helper !== undefined && helper !== "") {
    for (const key of keys) {
      const found = await askHelper(helper, key);
      if (found) return found;
    }
  }
  for (const [key, entry] of Object.entries(config.auths ?? {})) {
    if (!keys.includes(key) && hostOf(key) !== registry) continue;
    if (entry.identitytoken) return { username: "<token>", password: entry.identitytoken };
    if (entry.username !== undefined && entry.password !== undefined) {
      return { username: entry.username, password: entry.password };
    }
    const [username, ...password] = Buffer.from(entry.auth ?? "", "base64")
      .toString()
      .split(":");
    if (username) return { username, password: password.join(":") };
  }
  return undefined;
}

async function readConfig(): Promise<z.infer<typeof configFile> | undefined> {
  const folder = dockerConfigFolder({ env: process.env, home: homedir() });
  try {
    return configFile.parse(JSON.parse(await readFile(join(folder, "config.json"), "utf8")));
  } catch {
    // No configuration, or none that can be read: the registry is asked without credentials.
    return undefined;
  }
}

const hostOf = (key: string): string => key.replace(/^https?:\/\//, "").split("/", 1)[0] ?? key;

/** Asks `docker-credential-<helper>`; undefined when it has nothing or does not work. */
function askHelper(helper: string, key: string): Promise<RegistryCredentials | undefined> {
  if (!/^[\w.-]+$/.test(helper)) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const child = spawn(`docker-credential-${helper}`, ["get"], {
      stdio: ["pipe", "pipe", "ignore"],
      timeout: HELPER_TIMEOUT_MS,
    });
    let answer = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (answer += text));
    child.stdin.on("error", () => undefined);
    child.on("error", () => resolve(undefined));
    child.on("close", (code) => {
      if (code !== 0) return resolve(undefined);
      try {
        const { Username, Secret } = helperAnswer.parse(JSON.parse(answer));
        resolve(Secret === "" ? undefined : { username: Username, password: Secret });
      } catch {
        resolve(undefined);
      }
    });
    child.stdin.end(key);
  });
}
