import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { dag, type Container, type Directory } from "@dagger.io/dagger";
import { describe, expect, test } from "vitest";
import { debian, nonce, sh } from "../support/containers.ts";
import { scratch } from "../support/scratch.ts";

const megabytes = 1024 * 1024;

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** Out to a container and back to the host, byte for byte. */
async function roundTrip(source: string): Promise<string> {
  const back = await scratch();
  const inside = debian()
    .withMountedDirectory("/in", dag.host().directory(source))
    .withExec(sh("cp -a /in /out"));
  await inside.directory("/out").export(back);
  return back;
}

describe("what a file can be", () => {
  test("binary: every byte value, also none at all, survives the way there and back", async () => {
    const bytes = new Uint8Array(256 * 256).map((_, index) => index);
    const source = await scratch({ bytes, empty: "", "no newline": "x", crlf: "a\r\nb\r\n" });
    const back = await roundTrip(source);
    expect(Buffer.compare(await readFile(join(back, "bytes")), Buffer.from(bytes))).toBe(0);
    expect((await stat(join(back, "empty"))).size).toBe(0);
    expect(await readFile(join(back, "no newline"), "utf8")).toBe("x");
    expect(await readFile(join(back, "crlf"), "utf8")).toBe("a\r\nb\r\n");
  });

  test("named in any way that a file system allows", async () => {
    const names = [
      "☃ snow",
      "ünï",
      "emoji 🚀",
      "a\nb",
      "'quotes\"",
      "$(id)",
      "--flag",
      "*.glob",
      "back\\slash",
      "e\u0301",
    ];
    const source = await scratch(Object.fromEntries(names.map((name) => [name, name])));
    const directory = dag.host().directory(source);
    expect([...(await directory.entries())].sort()).toEqual([...names].sort());
    const back = await roundTrip(source);
    expect((await readdir(back)).sort()).toEqual([...names].sort());
    for (const name of names) expect(await readFile(join(back, name), "utf8")).toBe(name);
  });

  test("of any permission, setuid and unreadable for others included", async () => {
    const source = await scratch({ a: "", b: "", c: "", "d/": "" });
    const modes = { a: 0o4755, b: 0o400, c: 0o666, d: 0o1777 };
    for (const [name, mode] of Object.entries(modes)) await chmod(join(source, name), mode);
    const listed = debian()
      .withDirectory("/in", dag.host().directory(source))
      .withExec(["stat", "-c", "%a", "/in/a", "/in/b", "/in/c", "/in/d"]);
    expect(await listed.stdout()).toBe("4755\n400\n666\n1777\n");
    const back = await roundTrip(source);
    for (const name of ["a", "b", "c"] as const) {
      expect((await stat(join(back, name))).mode & 0o777).toBe(modes[name] & 0o777);
    }
  });

  test("a link: relative, absolute, dangling, to a directory, kept as it is", async () => {
    const source = await scratch({ "d/f": "x" });
    const targets = {
      rel: "d/f",
      abs: "/etc/passwd",
      dangling: "nowhere",
      dir: "d",
      up: "../../x",
    };
    for (const [name, target] of Object.entries(targets)) await symlink(target, join(source, name));
    const names = Object.keys(targets);
    const listed = debian()
      .withDirectory("/in", dag.host().directory(source))
      .withExec(sh(`cd /in && for l in ${names.join(" ")}; do readlink $l; done`));
    expect(await listed.stdout()).toBe(`${Object.values(targets).join("\n")}\n`);
  });

  test("a directory without files is kept, however deep", async () => {
    const source = await scratch();
    await mkdir(join(source, "a/b/c"), { recursive: true });
    const back = await roundTrip(source);
    expect((await stat(join(back, "a/b/c"))).isDirectory()).toBe(true);
    expect(await dag.host().directory(source).glob("**/*")).toEqual(["a/", "a/b/", "a/b/c/"]);
  });

  test("100 MB large: from the host to a container and back", async () => {
    const source = await scratch();
    const path = join(source, "large");
    // Not compressible, so that no layer on the way gets off lightly.
    await writeFile(path, await randomBytesOf(100 * megabytes));
    const expected = await sha256(path);
    const inside = debian().withMountedDirectory("/in", dag.host().directory(source));
    expect(await inside.withExec(["sha256sum", "/in/large"]).stdout()).toContain(expected);
    const back = await scratch();
    await inside.withExec(["cp", "/in/large", "/copy"]).file("/copy").export(join(back, "copy"));
    expect(await sha256(join(back, "copy"))).toBe(expected);
    expect(await dag.host().directory(source).file("large").size()).toBe(100 * megabytes);
  });

  test("one of ten thousand in a directory", async () => {
    const made = debian().withExec(sh("mkdir /many && cd /many && seq 1 10000 | xargs touch"));
    expect(await made.directory("/many").entries()).toHaveLength(10_000);
    const counted = debian()
      .withDirectory("/copy", made.directory("/many"))
      .withExec(sh("ls /copy | wc -l"));
    expect((await counted.stdout()).trim()).toBe("10000");
  });

  test("at the end of a path of 60 directories", async () => {
    const path = Array.from({ length: 60 }, (_, depth) => `d${depth}`).join("/");
    const directory = dag.directory().withNewFile(`${path}/f`, "deep");
    const read = debian()
      .withMountedDirectory("/in", directory)
      .withExec(["cat", `/in/${path}/f`]);
    expect(await read.stdout()).toBe("deep");
  });

  test("hard linked in a container: both names have the content", async () => {
    const made = debian().withExec(sh("mkdir /d && echo x > /d/a && ln /d/a /d/b")).directory("/d");
    expect(await made.file("a").contents()).toBe("x\n");
    expect(await made.file("b").contents()).toBe("x\n");
  });

  test("text of a megabyte as an argument of the API", async () => {
    const text = "0123456789abcde\n".repeat(65_536);
    expect(await dag.directory().withNewFile("f", text).file("f").contents()).toBe(text);
  });
});

describe("long chains", () => {
  test("200 calls that add files", async () => {
    let directory: Directory = dag.directory();
    for (let index = 0; index < 200; index++)
      directory = directory.withNewFile(`f${index}`, `${index}`);
    expect(await directory.entries()).toHaveLength(200);
    expect(await directory.file("f199").contents()).toBe("199");
  });

  test("200 withEnvVariable before a command", async () => {
    let container: Container = debian();
    for (let index = 0; index < 200; index++)
      container = container.withEnvVariable(`V${index}`, `${index}`);
    expect(await container.withExec(sh("env | grep -c '^V[0-9]'")).stdout()).toBe("200\n");
    expect(await container.envVariable("V0")).toBe("0");
  });

  test("200 calls of all kinds without a command", async () => {
    let container: Container = debian();
    for (let index = 0; index < 40; index++) {
      container = container
        .withLabel(`l${index}`, "x")
        .withNewFile(`/made/${index}`, `${index}`)
        .withWorkdir(`/w${index}`)
        .withMountedTemp(`/t${index}`)
        .withExposedPort(1000 + index);
    }
    expect(await container.directory("/made").entries()).toHaveLength(40);
    expect(await container.workdir()).toBe("/w39");
    expect(await container.exposedPorts()).toHaveLength(40);
  });

  test("20 commands, each on the result of the one before", async () => {
    let container: Container = debian();
    for (let index = 0; index < 20; index++)
      container = container.withExec(sh(`echo ${index} >> /log`));
    expect(await container.withExec(sh("wc -l < /log")).stdout()).toBe("20\n");
  });

  test("a large tree passed through many containers keeps its digest", async () => {
    const source = debian()
      .withExec(sh("mkdir /t && cd /t && seq 1 500 | xargs -I{} sh -c 'echo {} > {}'"))
      .directory("/t");
    let directory = source;
    for (let index = 0; index < 3; index++) {
      directory = debian()
        .withEnvVariable("N", nonce())
        .withMountedDirectory("/t", directory)
        .withExec(["true"])
        .directory("/t");
    }
    expect(await directory.digest()).toBe(await source.digest());
  });
});

async function randomBytesOf(size: number): Promise<Buffer> {
  const { randomFill } = await import("node:crypto");
  return new Promise((resolve, reject) => {
    randomFill(Buffer.alloc(size), (error, buffer) => {
      if (error) reject(error);
      else resolve(buffer);
    });
  });
}
