import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { baseImage, nonce } from "../support/containers.ts";
import { leftBy, type SessionProcess, sessionProcess } from "../support/sessionProcess.ts";

const base = `container { from(address: "${baseImage}")`;
const sleeping = (salt: string) =>
  `{ ${base} { withEnvVariable(name: "SALT", value: "${salt}") {
     withMountedDirectory(path: "/in", source: $in) {
     withExec(args: ["sleep", "120"]) { stdout } } } } } }`;

/** A stage of work: starts it in the session, and resolves when it is under way. */
type Stage = (session: SessionProcess) => Promise<void>;

/** An object's id; chains can't name it otherwise. */
async function idOf(session: SessionProcess, chain: string, path: string[]): Promise<string> {
  const answer = await session.ask(chain);
  let value: unknown = answer?.data;
  for (const name of path) value = (value as Record<string, unknown>)[name];
  return JSON.stringify(value);
}

const stages: Record<string, Stage> = {
  "a command": async (session) => {
    const directory = `{ directory { withNewFile(path: "f", contents: "x") { id } } }`;
    const id = await idOf(session, directory, ["directory", "withNewFile", "id"]);
    void session.ask(sleeping(nonce()).replace("$in", id));
    await session.startsContainers(1);
  },
  "a service that others use": async (session) => {
    const service = `{ ${base} { withExposedPort(port: 80, experimentalSkipHealthcheck: true) {
      asService(args: ["sleep", "${60 + Math.floor(Math.random() * 1000)}"]) { id } } } } }`;
    const path = ["container", "from", "withExposedPort", "asService", "id"];
    const id = await idOf(session, service, path);
    void session.ask(`{ ${base} { withEnvVariable(name: "SALT", value: "${nonce()}") {
      withServiceBinding(alias: "www", service: ${id}) {
      withMountedCache(path: "/c", cache: ${await idOf(
        session,
        `{ cacheVolume(key: "interrupted") { id } }`,
        ["cacheVolume", "id"],
      )}) { withExec(args: ["sleep", "120"]) { stdout } } } } } } }`);
    await session.startsContainers(2);
  },
  "a build": async (session) => {
    const word = nonce();
    const dockerfile = `FROM ${baseImage}\\nRUN echo begin-${word} && sleep 120`;
    void session.ask(
      `{ directory { withNewFile(path: "Dockerfile", contents: "${dockerfile}") { dockerBuild { sync } } } }`,
    );
    await session.says(`begin-${word}`);
  },
  "a pull": async (session) => {
    // Takes connections and never says a word.
    const silent = createServer();
    silent.listen(0, "127.0.0.1");
    await once(silent, "listening");
    onTestFinished(() => void silent.close());
    const { port } = silent.address() as AddressInfo;
    void session.ask(`{ container { from(address: "localhost:${port}/app:1") { sync } } }`);
    const [socket] = (await once(silent, "connection")) as [{ destroy(): void }];
    onTestFinished(() => socket.destroy());
  },
};

describe.each(Object.entries(stages))("Ctrl-C during %s", (_, stage) => {
  test.each(["SIGINT", "SIGTERM"] as const)("%s ends it and leaves nothing", async (signal) => {
    const session = await sessionProcess();
    await stage(session);
    session.kill(signal);
    const { code, stderr } = await session.ended;
    expect(stderr).toContain("Everything that this run started is removed.");
    expect(code).toBe(signal === "SIGINT" ? 130 : 143);
    expect(await leftBy(session.pid)).toEqual([]);
  });
});

test("a second Ctrl-C ends the process at once, with the same exit code", async () => {
  const session = await sessionProcess();
  await stages["a command"]?.(session);
  session.kill("SIGINT");
  await session.says("SIGINT: removing");
  session.kill("SIGINT");
  expect((await session.ended).code).toBe(130);
});

test("what a killed engine leaves, the next start removes", async () => {
  const killed = await sessionProcess();
  await stages["a service that others use"]?.(killed);
  killed.kill("SIGKILL");
  await killed.ended;
  expect((await leftBy(killed.pid)).length).toBeGreaterThan(2);
  const next = await sessionProcess();
  await next.ask(`{ ${base} { sync } } }`);
  expect(await leftBy(killed.pid)).toEqual([]);
});
