import { describe, expect, onTestFinished, test } from "vitest";
import { recipes } from "../../dagger/standins/recipes.ts";
import { addressOf } from "../support/dockerStage.ts";
import { connected, docker } from "./docker-support.ts";

const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** What the official images start, and in which surroundings. */
const official: Record<string, Record<string, unknown>> = {
  "alpine/git": { entrypoint: ["git"], cmd: ["--help"], workdir: "/git" },
  "chromedp/headless-shell": {
    entrypoint: ["/headless-shell/run.sh"],
    env: [`PATH=${path}:/headless-shell`, "LANG=en-US.UTF-8"],
    exposedPorts: ["9222/tcp", "9223/tcp"],
  },
  node: {
    entrypoint: ["docker-entrypoint.sh"],
    cmd: ["node"],
    env: [`PATH=${path}`, "NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt"],
  },
  python: {
    cmd: ["python3"],
    env: [`PATH=${path}`, "LANG=C.UTF-8", "PIP_BREAK_SYSTEM_PACKAGES=1"],
  },
  nginx: {
    entrypoint: ["/docker-entrypoint.sh"],
    cmd: ["nginx", "-g", "daemon off;"],
    exposedPorts: ["80/tcp"],
    stopSignal: "SIGQUIT",
  },
  postgres: {
    entrypoint: ["docker-entrypoint.sh"],
    cmd: ["postgres"],
    env: [
      `PATH=${path}:/usr/lib/postgresql/15/bin`,
      "PGDATA=/var/lib/postgresql/data",
      "LANG=C.UTF-8",
    ],
    exposedPorts: ["5432/tcp"],
    stopSignal: "SIGINT",
  },
  redis: {
    entrypoint: ["docker-entrypoint.sh"],
    cmd: ["redis-server"],
    exposedPorts: ["6379/tcp"],
    workdir: "/data",
  },
  registry: {
    entrypoint: ["/entrypoint.sh"],
    cmd: ["/etc/docker/registry/config.yml"],
    exposedPorts: ["5000/tcp"],
  },
  debian: { cmd: ["bash"] },
  busybox: { cmd: ["sh"] },
};

/** The stand-in, which only a host without the image's registry has. */
async function standIn(ref: string) {
  const { runtime } = await connected();
  const { platform } = runtime;
  const image = await runtime.pull(ref, { platform, credentials: new Map() });
  expect(image.standIn, `${ref} came from a registry`).toBe(true);
  return image;
}

/** A container of it, as somebody would start it who has the official image in mind. */
async function started(ref: string, ...args: string[]): Promise<{ id: string; ip: string }> {
  const { id: image } = await standIn(ref);
  const id = await docker("run", "--detach", image, ...args);
  onTestFinished(async () => {
    await docker("rm", "--force", "--volumes", id);
  });
  return { id, ip: await addressOf(id) };
}

/** What an attempt answers once it does not fail. */
async function soon<T>(attempt: () => Promise<T>): Promise<T> {
  for (let left = 100; ; left--) {
    try {
      return await attempt();
    } catch (error) {
      if (left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

describe("a stand-in starts what the official image starts", { timeout: 300_000 }, () => {
  test.each([...Object.keys(recipes), "debian", "busybox"])("%s", async (name) => {
    const { config } = await standIn(`${name}:latest`);
    const { entrypoint, cmd, env, user, workdir, exposedPorts, stopSignal } = config;
    expect({
      entrypoint: entrypoint ?? [],
      cmd: cmd ?? [],
      ...{ env, user, workdir, exposedPorts, stopSignal },
    }).toEqual({
      ...{ entrypoint: [], cmd: [], env: [`PATH=${path}`], user: "", workdir: "" },
      ...{ exposedPorts: [], stopSignal: undefined, ...official[name] },
    });
  });

  test("redis answers other machines, as a user of its own, and takes flags", async () => {
    const { id, ip } = await started("redis:latest", "--maxmemory", "64mb");
    const cli = (...args: string[]) => docker("exec", id, "redis-cli", "-h", ip, ...args);
    expect(await soon(() => cli("ping"))).toBe("PONG");
    expect(await cli("config", "get", "maxmemory")).toBe(`maxmemory\n${64 << 20}`);
    expect(await docker("exec", id, "stat", "-c", "%U", "/proc/1")).toBe("redis");
  });

  test("python runs a program", async () => {
    const { id: image } = await standIn("python:latest");
    expect(await docker("run", "--rm", image, "python", "-c", "print(6 * 7)")).toBe("42");
  });

  test.each(["", "serve /etc/docker/registry/config.yml"])("registry %s", async (command) => {
    const { ip } = await started("registry:2", ...command.split(" ").filter(Boolean));
    expect((await soon(() => fetch(`http://${ip}:5000/v2/`))).status).toBe(200);
  });
});

test("a stand-in that another version made is made anew", async () => {
  const { base } = await connected();
  const { runtime } = await connected({
    standIn: (ref) => Promise.resolve(ref.endsWith("/sluice-old:1") ? base : null),
  });
  const container = await docker("create", base, "true");
  onTestFinished(async () => {
    await docker("rm", container);
  });
  const [name, key] = ["sluice-old:1", "sluice-stand-in:old"];
  const old = await docker("commit", container, name);
  await docker("tag", old, key);
  onTestFinished(async () => {
    await docker("rmi", name, key);
  });
  const options = { platform: runtime.platform, credentials: new Map<string, never>() };
  expect(await runtime.pull(name, options)).toMatchObject({ id: base, standIn: true });
});
