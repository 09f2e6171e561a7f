import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { baseImage, nonce } from "../support/containers.ts";
import { fixture, launch } from "../support/launcher.ts";
import { scratch } from "../support/scratch.ts";
import { type SessionProcess, sessionProcess } from "../support/sessionProcess.ts";
import { webServer } from "../support/webServer.ts";

const run = promisify(execFile);
const needsDocker = ["call", "-m", fixture("content"), "box", "--word", "x", "sync"];

describe("a daemon that does not answer", () => {
  test("at a socket that is not there ends the run with exit code 3 and says what was tried", async () => {
    const { code, stderr } = await launch(needsDocker, {
      env: { DOCKER_HOST: "unix:///nowhere/docker.sock" },
    });
    expect(code).toBe(3);
    expect(stderr).toContain("DOCKER_HOST=unix:///nowhere/docker.sock: no such socket");
    expect(stderr).toMatch(/^Next: Start the daemon/m);
  });

  test("at a port where nothing listens is told as such", async () => {
    const { code, stderr } = await launch(needsDocker, {
      env: { DOCKER_HOST: "tcp://127.0.0.1:1" },
    });
    expect(code).toBe(3);
    expect(stderr).toContain("127.0.0.1:1");
    expect(stderr).toContain("DOCKER_UNREACHABLE");
  });

  test("is not needed for what needs no container", async () => {
    const { code, stdout } = await launch(
      ["call", "-m", fixture("content"), "made", "--text", "x", "entries"],
      { env: { DOCKER_HOST: "unix:///nowhere/docker.sock" } },
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: "made.txt\nsub/\n" });
  });

  test("when it stops amid the work, the work fails and says so", async () => {
    // A daemon that is there for the first questions and then gone.
    let questions = 0;
    const port = await webServer((request, response) => {
      if (++questions > 3) request.socket.destroy();
      else
        response
          .writeHead(200, { "content-type": "application/json", "api-version": "1.41" })
          .end(
            JSON.stringify({ ApiVersion: "1.41", Os: "linux", Arch: "amd64", Version: "20.10" }),
          );
    });
    const { code, stderr } = await launch(needsDocker, {
      env: { DOCKER_HOST: `tcp://127.0.0.1:${port}` },
    });
    expect(code).toBe(3);
    expect(stderr).toContain(`127.0.0.1:${port}`);
  });
});

describe("the session server", () => {
  test("answers 401 to a wrong token and to none, and does nothing", async () => {
    const session = await sessionProcess();
    for (const authorization of ["Basic d3Jvbmc6", "Bearer x", ""]) {
      const answer = await fetch(`http://127.0.0.1:${session.port}/query`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization },
        body: JSON.stringify({ query: "{ version }" }),
      });
      expect(answer.status).toBe(401);
      expect(await answer.text()).not.toContain("v0");
    }
  });

  test("at a port that is taken ends with exit code 3 and names the port", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void taken.close());
    const port = String((taken.address() as AddressInfo).port);
    const { code, stdout, stderr } = await launch(["session", "--port", port]);
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toContain(`port ${port} on 127.0.0.1 is in use`);
  });
});

describe("state that can't be kept", () => {
  /** A file system with no more than this, for one test; undefined where none can be mounted. */
  async function smallDisk(size: string): Promise<string | undefined> {
    const folder = await scratch();
    const path = join(folder, "disk");
    await mkdir(path);
    const mounted = await run("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", path]).then(
      () => true,
      () => false,
    );
    if (!mounted) return undefined;
    onTestFinished(async () => {
      await run("umount", [path]);
    });
    return path;
  }

  test("a full disk ends the run with exit code 3, leaves what is there whole, and more space helps", async (context) => {
    const disk = await smallDisk("2m");
    if (!disk) return context.skip("mounting a small file system needs root");
    const read = (home: string) =>
      launch(
        [
          "call",
          "-m",
          fixture("content"),
          "box",
          "--word",
          "x",
          "file",
          "--path",
          "/bin/bash",
          "size",
        ],
        { env: { SLUICE_HOME: home } },
      );
    const full = await read(join(disk, "state"));
    expect(full.code).toBe(3);
    expect(full.stderr).toContain("no space left on the disk that holds the engine's state");
    expect(await readdir(join(disk, "state", "blobs", "tmp"))).toEqual([]);
    await run("mount", ["-o", "remount,size=64m", disk]);
    expect(await read(join(disk, "state"))).toMatchObject({ code: 0 });
  });

  test("a state directory that is a file is an error that names it", async () => {
    const folder = await scratch({ state: "a file" });
    const { code, stderr } = await launch(["session"], {
      env: { SLUICE_HOME: join(folder, "state") },
    });
    expect(code).not.toBe(0);
    expect(stderr).toContain(join(folder, "state"));
    expect(stderr).toContain("SLUICE_HOME");
  });
});

describe("a Dockerfile", () => {
  const build = (session: SessionProcess, lines: string[]) =>
    session.ask(
      `{ directory { withNewFile(path: "Dockerfile", contents: ${JSON.stringify(lines.join("\n"))})
         { dockerBuild { sync } } } }`,
    );
  const messageOf = async (...asked: Parameters<typeof build>): Promise<string> =>
    (await build(...asked))?.errors?.[0]?.message ?? "no error";

  test("that can't be read is an error with the line", async () => {
    const session = await sessionProcess();
    const broken = await messageOf(session, [`FROM ${baseImage}`, "", "RUNN echo typo"]);
    expect(broken).toMatch(/line 3/);
    expect(broken).toMatch(/RUNN/i);
    expect(await messageOf(session, ["RUN true"])).toMatch(/no build stage|FROM/);
  });

  test("whose command fails is an error with the instruction, its exit code and output", async () => {
    const session = await sessionProcess();
    const answer = await build(session, [
      `FROM ${baseImage}`,
      `RUN echo said-${nonce()}; echo complained >&2; exit 7`,
    ]);
    const [error] = answer?.errors ?? [];
    expect(error?.message).toMatch(/RUN echo said-.*exit code: 7|exit code: 7/s);
    expect(error?.extensions).toMatchObject({ _type: "EXEC_ERROR", exitCode: 7 });
    expect(JSON.stringify(error?.extensions)).toContain("complained");
  });

  test("that copies what is not there names the path", async () => {
    const session = await sessionProcess();
    const lines = [`FROM ${baseImage}`, "COPY missing.txt /"];
    expect(await messageOf(session, lines)).toContain("missing.txt");
  });
});

test("a kept result whose image is gone from Docker is made again", async () => {
  const env = { SLUICE_HOME: await scratch() };
  const salt = nonce();
  const query = `{ container { from(address: "${baseImage}") {
    withEnvVariable(name: "SALT", value: "${salt}") {
    withExec(args: ["sh", "-c", "echo made > /made"]) { withExec(args: ["cat", "/made"]) { stdout } } } } } }`;
  const first = await sessionProcess(env);
  expect((await first.ask(query))?.errors).toBeUndefined();
  first.kill("SIGTERM");
  await first.ended;
  const cache = join(env.SLUICE_HOME, "cache");
  const record = z.object({ image: z.string() });
  const kept = new Set<string>();
  for (const name of await readdir(cache)) {
    const found = record.safeParse(JSON.parse(await readFile(join(cache, name), "utf8")));
    if (!found.success) continue;
    const label = "dev.sluice.session";
    const format = `{{index .Config.Labels "${label}"}}`;
    const own = await run("docker", ["inspect", "--format", format, found.data.image]);
    const filter = `label=${label}=${own.stdout.trim()}`;
    const all = await run("docker", ["images", "-aq", "--no-trunc", "--filter", filter]);
    for (const image of all.stdout.trim().split("\n")) kept.add(image);
  }
  expect(kept.size).toBeGreaterThan(0);
  // Docker keeps an image as long as another one is built on it, so the last one goes first.
  for (let before = Infinity; kept.size > 0 && kept.size < before;) {
    before = kept.size;
    for (const image of kept) {
      const removed = run("docker", ["image", "rm", "--force", image]);
      await removed.then(
        () => kept.delete(image),
        () => false,
      );
    }
  }
  expect([...kept]).toEqual([]);
  const second = await sessionProcess(env);
  const answer = await second.ask(query);
  expect(answer?.errors).toBeUndefined();
  expect(JSON.stringify(answer?.data)).toContain("made\\n");
});
