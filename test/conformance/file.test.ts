import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { dag, type JSON as EncodedJson } from "@dagger.io/dagger";
import { describe, expect, test } from "vitest";
import { addUser, debian, sh } from "../support/containers.ts";
import { scratch } from "../support/scratch.ts";

describe("File content", () => {
  test("dag.file makes a file of its own", async () => {
    const file = dag.file("name", "content", { permissions: 0o600 });
    expect(await file.contents()).toBe("content");
    expect(await file.name()).toBe("name");
    expect(await file.stat().permissions()).toBe(0o600);
  });

  test("a name with a directory in it is refused", async () => {
    await expect(dag.file("dir/name", "").sync()).rejects.toThrow("not contain a directory");
  });

  test("size counts bytes, not characters", async () => {
    expect(await dag.file("f", "ünï☃").size()).toBe(8);
    expect(await dag.file("f", "").size()).toBe(0);
  });

  test("contents can be cut by lines", async () => {
    const file = dag.file("f", "1\n2\n3\n4\n5\n");
    expect(await file.contents({ offsetLines: 1, limitLines: 2 })).toBe("2\n3\n");
    expect(await file.contents({ offsetLines: 3 })).toBe("4\n5\n");
    expect(await file.contents({ limitLines: 1 })).toBe("1\n");
    expect(await file.contents({ offsetLines: 9 })).toBe("");
  });

  test("a missing file is an error that shows the path as it was given", async () => {
    const directory = dag.directory();
    await expect(directory.file("to/file.txt").name()).rejects.toThrow(
      "to/file.txt: no such file or directory",
    );
    await expect(directory.file("keep/../this").sync()).rejects.toThrow(
      "keep/../this: no such file or directory",
    );
  });

  test("a directory is no file", async () => {
    const directory = dag.directory().withNewDirectory("d");
    await expect(directory.file("d").contents()).rejects.toThrow("d is a directory, not a file");
  });

  test("name is the last part of the path, wherever the file comes from", async () => {
    expect(await dag.directory().withNewFile("a/b/c.txt", "").file("a/b/c.txt").name()).toBe(
      "c.txt",
    );
    expect(await debian().file("/etc/passwd").name()).toBe("passwd");
  });

  test("sync answers the file, so that a chain can go on", async () => {
    const file = await dag.directory().withNewFile("f", "x").file("f").sync();
    expect(await file.contents()).toBe("x");
  });
});

describe("changing", () => {
  test("withName renames, and the new name is used where the path names a directory", async () => {
    const file = dag.directory().withNewFile("a/old", "x").file("a/old").withName("new");
    expect(await file.name()).toBe("new");
    expect(await file.contents()).toBe("x");
    expect(await dag.directory().withFile("", file).entries()).toEqual(["new"]);
  });

  test("withTimestamps sets its time", async () => {
    const file = dag.file("f", "").withTimestamps(499_162_500);
    const ran = debian().withMountedFile("/f", file).withExec(["stat", "-c", "%Y", "/f"]);
    expect(await ran.stdout()).toBe("499162500\n");
  });

  test("chown sets its owner", async () => {
    const file = debian()
      .withExec(addUser)
      .withNewFile("/own", "")
      .rootfs()
      .file("own")
      .chown("ann:crew");
    const ran = debian().withFile("/f", file).withExec(["stat", "-c", "%u:%g", "/f"]);
    expect(await ran.stdout()).toBe("1234:4321\n");
  });

  describe("withReplaced", () => {
    const replace = (
      text: string,
      ...args: Parameters<ReturnType<typeof dag.file>["withReplaced"]>
    ) =>
      dag
        .file("f", text)
        .withReplaced(...args)
        .contents();

    test("replaces the only match, literally", async () => {
      expect(await replace("cost: $5.00 (.*)", "$5.00 (.*)", "$&")).toBe("cost: $&");
    });

    test("replaces all matches with all, and none is no error then", async () => {
      expect(await replace("a b a", "a", "x", { all: true })).toBe("x b x");
      expect(await replace("a b a", "z", "x", { all: true })).toBe("a b a");
    });

    test("replaces the first match from a line on with firstFrom", async () => {
      expect(await replace("a\na\na\n", "a", "x", { firstFrom: 2 })).toBe("a\nx\na\n");
    });

    test("no match and several matches are errors", async () => {
      await expect(replace("abc", "z", "x")).rejects.toThrow("not found");
      await expect(replace("a a", "a", "x")).rejects.toThrow("multiple");
    });
  });
});

describe("digest", () => {
  test("depends on content and permissions, or on content alone", async () => {
    const plain = dag.file("f", "same");
    const other = dag.file("f", "same", { permissions: 0o777 });
    expect(await plain.digest()).toMatch(/^sha256:/);
    expect(await plain.digest()).not.toBe(await other.digest());
    const contentOnly = { excludeMetadata: true };
    expect(await plain.digest(contentOnly)).toBe(await other.digest(contentOnly));
  });
});

describe("export", () => {
  test("writes the file with its mode and answers the absolute path", async () => {
    const host = await scratch();
    const target = join(host, "new/dir/out.sh");
    const file = dag.directory().withNewFile("f", "#!/bin/sh\n", { permissions: 0o744 }).file("f");
    expect(await file.export(target)).toBe(target);
    expect(await readFile(target, "utf8")).toBe("#!/bin/sh\n");
    expect((await stat(target)).mode & 0o777).toBe(0o744);
  });

  test("onto a directory is refused, unless allowParentDirPath puts it into that directory", async () => {
    const host = await scratch();
    const file = dag.file("f", "x");
    await expect(file.export(host)).rejects.toThrow();
    await file.export(host, { allowParentDirPath: true });
    expect(await readFile(join(host, "f"), "utf8")).toBe("x");
  });

  test("is byte for byte what a container wrote", async () => {
    const host = await scratch();
    const made = debian().withExec(sh("head -c 100000 /dev/urandom > /rnd; sha256sum < /rnd"));
    const expected = (await made.stdout()).split(" ")[0];
    await made.file("/rnd").export(join(host, "rnd"));
    const actual = createHash("sha256")
      .update(await readFile(join(host, "rnd")))
      .digest("hex");
    expect(actual).toBe(expected);
  });
});

describe("other views", () => {
  test("asJSON reads fields, and refuses what is no JSON", async () => {
    const json = dag.file("f.json", '{"sdk": {"source": "typescript"}}').asJSON();
    expect(await json.field(["sdk", "source"]).asString()).toBe("typescript");
    expect(await json.field(["sdk"]).fields()).toEqual(["source"]);
    await expect(json.field(["sdk", "missing"]).asString()).rejects.toThrow("missing");
    await expect(json.asString()).rejects.toThrow();
    await expect(dag.file("f", "no json").asJSON().contents()).rejects.toThrow(/invalid JSON/i);
  });

  test("dag.json() makes values", async () => {
    const one = dag.json().newInteger(1);
    const made = dag.json().withField(["a", "b"], one).withField(["c"], dag.json().newString("x"));
    expect(JSON.parse(await made.contents())).toEqual({ a: { b: 1 }, c: "x" });
    const list = await dag
      .json()
      .withContents("[true, 2]" as EncodedJson)
      .asArray();
    expect([await list[0]?.asBoolean(), await list[1]?.asInteger()]).toEqual([true, 2]);
  });

  test("search answers the lines that match", async () => {
    const found = await dag.file("f", "one\ntwo\nthree\n").search("t.", {});
    const lines = await Promise.all(found.map((match) => match.lineNumber()));
    expect(lines).toEqual([2, 3]);
  });
});
