import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dag } from "@dagger.io/dagger";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { baseImage, nonce, sh } from "../support/containers.ts";
import { inSession, onEmbeddedEngine, openSession } from "../support/session.ts";

/** Sessions of this file share a state directory of their own, where the engine is ours. */
let env: Record<string, string> = {};

beforeAll(async () => {
  if (onEmbeddedEngine) env = { SLUICE_HOME: await mkdtemp(join(tmpdir(), "sluice-state-")) };
});

afterAll(async () => {
  if (env.SLUICE_HOME) await rm(env.SLUICE_HOME, { recursive: true, force: true });
});

/** Runs `program` with `dag` in a new session and answers what it returns. */
async function nextSession<T>(program: () => Promise<T>): Promise<T> {
  const session = await openSession(env);
  const results: T[] = [];
  try {
    await inSession(session, async () => {
      results.push(await program());
    });
  } finally {
    await session.close();
  }
  return results[0] as T;
}

describe("from one session to the next", () => {
  test("results of commands, and the files they made, are kept", async () => {
    const salt = nonce();
    const program = async () => {
      const ran = dag
        .container()
        .from(baseImage)
        .withEnvVariable("SALT", salt)
        .withMountedDirectory("/in", dag.directory().withNewFile("f", salt))
        .withExec(sh("od -An -tx1 -N16 /dev/urandom | tee /out"));
      const next = ran.withExec(sh("cat /out; od -An -tx1 -N16 /dev/urandom"));
      return [await ran.stdout(), await ran.file("/out").contents(), await next.stdout()];
    };
    const first = await nextSession(program);
    expect(await nextSession(program)).toEqual(first);
  });

  test("what builds on a kept result runs on its files", async () => {
    const salt = nonce();
    const made = () =>
      dag
        .container()
        .from(baseImage)
        .withEnvVariable("SALT", salt)
        .withExec(sh("od -An -tx1 -N16 /dev/urandom > /out"));
    const first = await nextSession(() => made().file("/out").contents());
    const copied = await nextSession(() =>
      made().withExec(sh("cp /out /copy")).file("/copy").contents(),
    );
    expect(copied).toBe(first);
  });

  test("cache volumes are kept", async () => {
    const key = nonce();
    const program = (word: string) => () =>
      dag
        .container()
        .from(baseImage)
        .withMountedCache("/c", dag.cacheVolume(key))
        .withExec(sh(`echo ${word} >> /c/log; cat /c/log`))
        .stdout();
    await nextSession(program("one"));
    expect(await nextSession(program("two"))).toBe("one\ntwo\n");
  });

  test("secrets are not: equal names may have other values", async () => {
    const name = nonce();
    const program = (value: string) => () =>
      dag
        .container()
        .from(baseImage)
        .withSecretVariable("T", dag.setSecret(name, value))
        .withEnvVariable("LENGTH", String(value.length))
        .withExec(sh('printf %d "${#T}"'))
        .stdout();
    expect(await nextSession(program("four"))).toBe("4");
    expect(await nextSession(program("fivesix"))).toBe("7");
  });

  test("files of the host are read anew", async () => {
    const home = await mkdtemp(join(tmpdir(), "sluice-test-"));
    const read = () => dag.host().directory(home).entries();
    expect(await nextSession(read)).toEqual([]);
    await nextSession(() => dag.directory().withNewFile("f", "x").export(home));
    expect(await nextSession(read)).toEqual(["f"]);
    expect(await readFile(join(home, "f"), "utf8")).toBe("x");
    await rm(home, { recursive: true });
  });
});

test("two sessions at once do not disturb each other", async () => {
  const one = await openSession(env);
  const two = await openSession(env);
  expect(one.port).not.toBe(two.port);
  expect(one.token).not.toBe(two.token);
  await one.close();
  await inSession(two, async () => {
    expect(await dag.container().from(baseImage).withExec(["echo", "alive"]).stdout()).toBe(
      "alive\n",
    );
  });
  await two.close();
});
