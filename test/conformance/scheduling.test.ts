import { dag, type Container } from "@dagger.io/dagger";
import { describe, expect, test } from "vitest";
import { debian, nonce, sh } from "../support/containers.ts";

/** A command whose output differs each time that it really runs. */
const random = sh("od -An -tx1 -N16 /dev/urandom");

/** Runs for a while and prints when it began and ended, in nanoseconds. */
const timed = sh("date +%s%N; sleep 1; date +%s%N");
const span = (output: string) => {
  const [from = 0n, to = 0n] = output.trim().split("\n").map(BigInt);
  return { from, to };
};

describe("laziness", () => {
  test("nothing runs until a result is asked for", async () => {
    const broken = debian().withExec(sh("exit 1"));
    // Building on it, and asking for its id, does not run it.
    await broken.withExec(["true"]).withEnvVariable("A", "1").id();
    expect(await broken.withEnvVariable("A", "1").directory("/").id()).toBeTypeOf("string");
    await expect(broken.sync()).rejects.toThrow("exit code: 1");
  });

  test("only what the answer needs runs", async () => {
    const needed = debian().withExec(sh("echo needed"));
    const directory = dag
      .directory()
      .withFile("good", needed.withNewFile("/f", "good").file("/f"))
      .withNewFile("other", "x");
    const unused = debian().withExec(sh("exit 1")).directory("/");
    await unused.id();
    expect(await directory.file("other").contents()).toBe("x");
  });

  test("an argument that is never used is never made", async () => {
    const failing = debian().withEnvVariable("N", "unused").withExec(["false"]);
    await debian().withMountedDirectory("/m", failing.directory("/tmp")).id();
    expect(await debian().withMountedDirectory("/m", dag.directory()).mounts()).toEqual(["/m"]);
  });
});

describe("equal work", () => {
  test("runs once, also when asked for at the same time", async () => {
    const container = () => debian().withEnvVariable("N", "equal").withExec(random);
    const outputs = await Promise.all(Array.from({ length: 8 }, () => container().stdout()));
    outputs.push(await container().stdout());
    expect(new Set(outputs).size).toBe(1);
  });

  test("stays equal whatever the parts were made of", async () => {
    const one = dag.directory().withNewFile("a", "1").withNewFile("b", "2").withTimestamps(0);
    const other = dag.directory().withNewFile("b", "2").withNewFile("a", "1").withTimestamps(0);
    const run = (directory: typeof one) =>
      debian().withMountedDirectory("/d", directory).withExec(random).stdout();
    expect(await run(one)).toBe(await run(other));
  });

  test.each<[string, (container: Container) => Container]>([
    ["a variable", (container) => container.withEnvVariable("NEW", "1")],
    ["a file", (container) => container.withNewFile("/new", "1")],
    [
      "a mount",
      (container) =>
        container.withMountedDirectory("/m", dag.directory().withNewFile("f", nonce())),
    ],
    ["the user", (container) => container.withUser("nobody")],
    ["the working directory", (container) => container.withWorkdir("/tmp")],
  ])("%s that differs makes it other work", async (_, change) => {
    const base = debian();
    expect(await change(base).withExec(random).stdout()).not.toBe(
      await base.withExec(random).stdout(),
    );
  });

  test("a failure is not kept: the command runs again", async () => {
    const cache = dag.cacheVolume(nonce());
    const flaky = debian()
      .withMountedCache("/c", cache)
      .withExec(sh("test -e /c/tried || { touch /c/tried; exit 1; }; echo second time"));
    await expect(flaky.stdout()).rejects.toThrow("exit code: 1");
    expect(await flaky.stdout()).toBe("second time\n");
  });
});

describe("independent work", () => {
  test("runs at the same time", async () => {
    const run = (who: string) => debian().withEnvVariable("WHO", who).withExec(timed).stdout();
    const [a, b] = (await Promise.all([run("a"), run("b")])).map(span);
    if (!a || !b) throw new Error("two outputs expected");
    expect(a.from < b.to && b.from < a.to).toBe(true);
  });

  test("runs at the same time when one command needs both results", async () => {
    const made = (who: string) =>
      debian().withEnvVariable("MADE", who).withExec(timed, { redirectStdout: "/times" });
    const both = debian()
      .withFile("/a", made("a").file("/times"))
      .withFile("/b", made("b").file("/times"));
    const a = span(await both.file("/a").contents());
    const b = span(await both.file("/b").contents());
    expect(a.from < b.to && b.from < a.to).toBe(true);
  });

  test("fifty calls at once all answer", async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        dag.directory().withNewFile(`f${index}`, String(index)).file(`f${index}`).contents(),
      ),
    );
    expect(answers).toEqual(Array.from({ length: 50 }, (_, index) => String(index)));
  });

  test("fifty commands at once all answer", async () => {
    const base = await debian().sync();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => base.withExec(["echo", String(index)]).stdout()),
    );
    expect(answers).toEqual(Array.from({ length: 50 }, (_, index) => `${index}\n`));
  });

  test("one failure among many does not hurt the others", async () => {
    const base = await debian().sync();
    const results = await Promise.allSettled([
      base.withExec(sh("exit 1")).stdout(),
      base.withExec(["echo", "fine"]).stdout(),
      dag.directory().file("missing").contents(),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "rejected"]);
  });
});
