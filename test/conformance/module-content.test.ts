import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { call as callModule, fixture, launch } from "../support/launcher.ts";
import { scratch } from "../support/scratch.ts";
import { webServer } from "../support/webServer.ts";

const call = (...args: string[]) => callModule("content", ...args);

describe("core objects as arguments", () => {
  test("a Directory is a path of this host", async () => {
    const host = await scratch({ a: "", "sub/b": "" });
    expect(await call("list", "--directory", host)).toBe("a\nsub/\nsub/b");
  });

  test("a File is a path of this host, and so are several", async () => {
    const host = await scratch({ one: "1", two: "2" });
    expect(await call("read", "--file", join(host, "one"))).toBe("1");
    expect(await call("read-all", "--files", `${join(host, "one")},${join(host, "two")}`)).toBe(
      "1|2",
    );
  });

  test("an optional Directory may be left out", async () => {
    expect(await call("list-optional")).toBe("none given");
  });

  test("a Container is an image address", async () => {
    expect((await call("said", "--container", "debian:bookworm-slim")).trim()).toBe("1");
  });

  test("a Secret comes from the environment, a file or a command, and never shows", async () => {
    const host = await scratch({ token: "123456" });
    const env = { TEST_TOKEN: "abcd-secret-value" };
    const module = fixture("content");
    const length = await launch(["call", "-m", module, "length", "--secret", "env:TEST_TOKEN"], {
      env,
    });
    expect(length.stdout.trim()).toBe(String(env.TEST_TOKEN.length));
    expect(await call("length", "--secret", `file:${join(host, "token")}`)).toBe("6");
    expect(await call("length", "--secret", "cmd:printf 12345")).toBe("5");
    const echo = await launch(["call", "-m", module, "echo", "--secret", "env:TEST_TOKEN"], {
      env,
    });
    expect(echo.stdout).toContain("the token is ***");
    expect(echo.stdout + echo.stderr).not.toContain(env.TEST_TOKEN);
  });

  test("a Service is an address of this host", async () => {
    const port = await webServer((_, response) => response.end("from the host"));
    expect(await call("ask", "--service", `tcp://127.0.0.1:${port}`)).toBe("from the host");
  });

  test("defaultPath loads from the module's own repository, ignore filters it", async () => {
    expect(await call("context")).toBe(
      "src/\nsrc/data/\nsrc/data/note.ts\nsrc/data/note.txt\nsrc/index.ts\ntsconfig.json",
    );
    expect(JSON.parse(await call("own"))).toMatchObject({ sdk: { source: "typescript" } });
  });

  test("defaultPath gives way to an argument", async () => {
    const host = await scratch({ "dagger.json": "mine" });
    expect(await call("own", "--file", join(host, "dagger.json"))).toBe("mine");
  });
});

describe("core objects as results", () => {
  test("a Directory can be chained on, exported, or written with -o", async () => {
    const host = await scratch();
    expect(await call("made", "--text", "x", "entries")).toBe("made.txt\nsub/");
    await call("made", "--text", "exported", "export", "--path", join(host, "one"));
    expect(await readFile(join(host, "one/made.txt"), "utf8")).toBe("exported");
    await call("made", "--text", "output", "-o", join(host, "two"));
    expect((await readdir(join(host, "two"))).sort()).toEqual(["made.txt", "sub"]);
  });

  test("a File can be read or written with -o", async () => {
    const host = await scratch();
    expect(await call("page", "--text", "words", "contents")).toBe("words");
    await call("page", "--text", "words", "-o", join(host, "page.txt"));
    expect(await readFile(join(host, "page.txt"), "utf8")).toBe("words");
  });

  test("-o also writes plain results", async () => {
    const host = await scratch();
    await call("made", "--text", "x", "entries", "-o", join(host, "list"));
    expect(await readFile(join(host, "list"), "utf8")).toBe("made.txt\nsub/\n");
  });

  test("a Container can be chained on", async () => {
    expect(await call("box", "--word", "hi", "stdout")).toBe("said hi");
    expect(await call("box", "--word", "hi", "file", "--path", "/word", "contents")).toBe("hi");
    expect(await call("box", "--word", "hi", "with-exec", "--args", "cat,/word", "stdout")).toBe(
      "hi",
    );
  });

  test("a Changeset is applied by export", async () => {
    const host = await scratch({ "old.txt": "", "kept.txt": "" });
    await call("change", "--directory", host, "export", "--path", host);
    expect((await readdir(host)).sort()).toEqual(["added.txt", "kept.txt"]);
  });
});

describe("services in functions", () => {
  test("function code starts one and reaches it at its endpoint", async () => {
    expect(await call("probe", "--text", "reached")).toBe("200 reached");
  });

  test("a returned Service can be asked for its endpoint", async () => {
    expect(await call("web", "--text", "x", "endpoint")).toMatch(/:8080$/);
  });
});

describe("a module's own files", () => {
  test("are found from the code by where it lies", async () => {
    expect((await call("own-note")).trim()).toBe("beside the code");
  });
});
