import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { chmod, copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { ContainerSpec, Prepared, Stage } from "../../.dagger/src/verify/stage.ts";
import { controlPort, scripts, supervised } from "../../.dagger/src/verify/supervise/scripts.ts";
import { Supervised } from "../../.dagger/src/verify/supervise/supervised.ts";
import { debianFile } from "./debian.ts";

const run = promisify(execFile);

/** A static busybox (Debian's package busybox-static). */
export const busybox = (): Promise<string> => debianFile("/bin/busybox", "busybox-static");

/**
 * An image of that busybox alone, its programs under their names; `/usr/local/bin/ls` is a script
 * that says "not busybox". Remove it with `docker("rmi", id)`.
 */
export async function busyboxImage(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-image-"));
  try {
    for (const name of ["bin", "etc", "tmp", "usr/local/bin"]) {
      await mkdir(join(folder, name), { recursive: true });
    }
    await copyFile(await busybox(), join(folder, "bin/busybox"));
    const { stdout } = await run(join(folder, "bin/busybox"), ["--list"]);
    for (const name of stdout.trim().split("\n")) {
      if (name !== "busybox") await symlink("busybox", join(folder, "bin", name));
    }
    const ls = "#!/bin/sh\necho not busybox\n";
    await writeFile(join(folder, "usr/local/bin/ls"), ls, { mode: 0o755 });
    await writeFile(join(folder, "etc/passwd"), "root:x:0:0:root:/:/bin/sh\n");
    await run("tar", ["-C", folder, "-cf", `${folder}.tar`, "."]);
    return await docker("import", `${folder}.tar`);
  } finally {
    await rm(folder, { recursive: true });
    await rm(`${folder}.tar`, { force: true });
  }
}

/** Runs the docker client; answers its output. */
export async function docker(...args: string[]): Promise<string> {
  return (await run("docker", args, { maxBuffer: 64 << 20 })).stdout.trim();
}

/**
 * Containers straight on Docker, for tests of what happens inside them. Every container has the
 * image given here, whatever its spec says; `command` is its whole command line.
 */
export class DockerStage implements Stage {
  readonly #ids = new Map<string, string>();
  readonly #running: Supervised[] = [];

  constructor(private readonly options: { image: string; user?: string }) {}

  async prepare(spec: ContainerSpec): Promise<Prepared> {
    const argv = spec.command ?? [];
    return { argv, start: (needs) => this.#start(spec, argv, needs) };
  }

  async #start(spec: ContainerSpec, argv: readonly string[], needs: readonly string[]) {
    const control = controlPort(spec.ports);
    const token = randomUUID();
    const hosts = await Promise.all(
      needs.map(async (name) => `--add-host=${name}:${await addressOf(this.id(name))}`),
    );
    const { user, image } = this.options;
    const id = await docker(
      ...["create", "--init", "--label", "dev.sluice.test=verify", ...hosts],
      ...(user === undefined ? [] : ["--user", user]),
      ...Object.entries(spec.env).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
      ...[image, ...supervised(spec.name, token, control, argv)],
    );
    this.#ids.set(spec.name, id);
    await mountKit(id);
    await docker("start", id);
    const ip = await addressOf(id);
    const running = await Supervised.attach({
      token,
      control: `${ip}:${control}`,
      controlPort: control,
      endpoint: async (port) => `${ip}:${port}`,
    });
    this.#running.push(running);
    return running;
  }

  /** Id of a container that was started. */
  id(name: string): string {
    return this.#ids.get(name) ?? "";
  }

  async close(): Promise<void> {
    const ids = [...this.#ids.values()];
    this.#ids.clear();
    await Promise.allSettled(ids.map((id) => docker("rm", "--force", id)));
    for (const running of this.#running) running.detach();
  }
}

/** What the module mounts at `/.sluice`, copied in. */
async function mountKit(id: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-kit-"));
  try {
    const kit = join(folder, ".sluice");
    await mkdir(join(kit, "run"), { recursive: true });
    await chmod(join(kit, "run"), 0o777);
    await copyFile(await busybox(), join(kit, "busybox"));
    for (const [name, text] of Object.entries(scripts)) await writeFile(join(kit, name), text);
    await docker("cp", kit, `${id}:/`);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Where this machine finds a container. */
export function addressOf(id: string): Promise<string> {
  const address = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
  return docker("inspect", "--format", address, id);
}
