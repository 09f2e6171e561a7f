import { dag, ExistsType } from "@dagger.io/dagger";
import { describe, expect, test } from "vitest";
import { addUser, debian, sh } from "../support/containers.ts";

const ownership = sh("stat -c '%u:%g %a' \"$0\"");
const owner = (path: string) => [...ownership, path];

describe("writing files", () => {
  test("withNewFile makes parent directories and honours permissions", async () => {
    const container = debian().withNewFile("/a/b/run.sh", "#!/bin/sh\necho ran\n", {
      permissions: 0o750,
    });
    expect(await container.withExec(["/a/b/run.sh"]).stdout()).toBe("ran\n");
    expect(await container.withExec(owner("/a/b/run.sh")).stdout()).toBe("0:0 750\n");
  });

  test("withNewFile replaces an existing file and a relative path starts from the workdir", async () => {
    const container = debian()
      .withWorkdir("/work")
      .withNewFile("note", "old")
      .withNewFile("note", "new");
    expect(await container.file("/work/note").contents()).toBe("new");
  });

  test("withFile copies content and permissions, and names the file", async () => {
    const source = dag
      .directory()
      .withNewFile("src", "content", { permissions: 0o600 })
      .file("src");
    const container = debian().withFile("/opt/renamed", source);
    expect(await container.withExec(owner("/opt/renamed")).stdout()).toBe("0:0 600\n");
    expect(await container.file("/opt/renamed").contents()).toBe("content");
  });

  test("withFile into a directory that exists keeps the file's name", async () => {
    const container = debian().withFile("/etc/", dag.file("motd-test", "hello"));
    expect(await container.file("/etc/motd-test").contents()).toBe("hello");
  });

  test("withFile with permissions and owner overrides both", async () => {
    const container = debian()
      .withExec(addUser)
      .withFile("/owned", dag.file("f", ""), { permissions: 0o640, owner: "ann:crew" });
    expect(await container.withExec(owner("/owned")).stdout()).toBe("1234:4321 640\n");
  });

  test("withFiles copies several files under their names", async () => {
    const container = debian().withFiles("/many", [dag.file("one", "1"), dag.file("two", "2")]);
    expect(await container.withExec(sh("cat /many/one /many/two")).stdout()).toBe("12");
  });

  test("withDirectory merges into what is there", async () => {
    const container = debian()
      .withNewFile("/srv/kept", "kept")
      .withDirectory(
        "/srv",
        dag.directory().withNewFile("added", "added").withNewFile("sub/deep", "d"),
      );
    expect(await container.withExec(sh("cd /srv && find . -type f | sort")).stdout()).toBe(
      "./added\n./kept\n./sub/deep\n",
    );
  });

  test("withDirectory filters by include and exclude", async () => {
    const source = dag
      .directory()
      .withNewFile("a.txt", "")
      .withNewFile("b.log", "")
      .withNewFile("sub/c.txt", "");
    const container = dag
      .container()
      .withDirectory("/in", source, { include: ["**/*.txt"] })
      .withDirectory("/ex", source, { exclude: ["*.log"] });
    expect(await container.directory("/in").glob("**/*")).toEqual(["a.txt", "sub/", "sub/c.txt"]);
    expect(await container.directory("/ex").entries()).toEqual(["a.txt", "sub/"]);
  });

  test("withDirectory owner applies to everything in it, by name or by id", async () => {
    const source = dag.directory().withNewFile("f", "").withNewFile("sub/g", "");
    const base = debian().withExec(addUser);
    const list = sh("find /own -exec stat -c '%u:%g' {} + | sort -u");
    for (const [name, ids] of [
      ["ann", "1234:1234"],
      ["ann:crew", "1234:4321"],
      ["1234:4321", "1234:4321"],
      ["77", "77:77"],
    ] as const) {
      const container = base.withDirectory("/own", source, { owner: name });
      expect(await container.withExec(list).stdout()).toBe(`${ids}\n`);
    }
  });

  test("an owner that the container does not know is an error that names it", async () => {
    const container = debian().withNewFile("/f", "", { owner: "nobody-knows" });
    await expect(container.sync()).rejects.toThrow("nobody-knows");
  });

  test("files stay root's when no owner is given, whoever the user is", async () => {
    const container = debian().withUser("nobody").withNewFile("/f", "");
    expect(await container.withExec(owner("/f")).stdout()).toBe("0:0 644\n");
  });

  test("withSymlink makes a link that commands and reads follow", async () => {
    const container = debian().withNewFile("/data/f", "linked").withSymlink("/data/f", "/link");
    expect(await container.withExec(["readlink", "/link"]).stdout()).toBe("/data/f\n");
    expect(await container.file("/link").contents()).toBe("linked");
  });

  test("a file written through a link to a directory lands at its target", async () => {
    const container = debian()
      .withExec(sh("mkdir -p /target/sub && ln -s /target/sub /link"))
      .withFile("/link/file", dag.file("file", "through"));
    expect(await container.file("/target/sub/file").contents()).toBe("through");
    expect(await container.withExec(["readlink", "/link"]).stdout()).toBe("/target/sub\n");
  });

  test("a link cannot lead out of the container", async () => {
    const container = debian()
      .withSymlink("../../../../..", "escape")
      .withNewFile("escape/inside", "here");
    expect(await container.file("/inside").contents()).toBe("here");
  });

  test("expand replaces variables in paths", async () => {
    const container = debian()
      .withEnvVariable("APP", "web")
      .withNewFile("/srv/${APP}/f", "1", { expand: true })
      .withFile("/srv/$APP/g", dag.file("g", "2"), { expand: true })
      .withDirectory("/srv/$APP/d", dag.directory().withNewFile("h", "3"), { expand: true });
    expect(await container.file("/srv/web/f").contents()).toBe("1");
    expect(await container.file("/srv/$APP/g", { expand: true }).contents()).toBe("2");
    expect(await container.directory("/srv/${APP}/d", { expand: true }).entries()).toEqual(["h"]);
    expect(await container.exists("/srv/$APP/f", { expand: true })).toBe(true);
  });
});

describe("removing files", () => {
  const full = () =>
    debian()
      .withWorkdir("/work")
      .withNewFile("foo", "")
      .withNewFile("moo", "")
      .withNewFile("bar/man", "")
      .withNewFile("/elsewhere", "");
  const left = (container: ReturnType<typeof full>) => container.directory("/work").entries();

  test("withoutFile removes one file, or all that match a pattern", async () => {
    expect(await left(full().withoutFile("foo"))).toEqual(["bar/", "moo"]);
    expect(await left(full().withoutFile("*oo"))).toEqual(["bar/"]);
    expect(await full().withoutFile("/elsewhere").exists("/elsewhere")).toBe(false);
  });

  test("withoutFiles removes several; one that is missing is no error", async () => {
    expect(await left(full().withoutFiles(["foo", "not-there", "moo"]))).toEqual(["bar/"]);
  });

  test("withoutDirectory removes a directory with its content; a missing one is no error", async () => {
    expect(await left(full().withoutDirectory("bar").withoutDirectory("not-there"))).toEqual([
      "foo",
      "moo",
    ]);
  });

  test("removed files of the base image are gone for commands too", async () => {
    const container = debian().withoutFile("/etc/os-release").withoutFile("/usr/lib/os-release");
    expect(await container.withExec(sh("ls /etc/os-release 2>&1 || true")).stdout()).toMatch(
      /No such file/,
    );
  });

  test("expand replaces variables", async () => {
    const container = full().withEnvVariable("NAME", "foo");
    expect(await left(container.withoutFile("${NAME}", { expand: true }))).toEqual(["bar/", "moo"]);
  });
});

describe("reading files", () => {
  test("file and directory read what commands wrote", async () => {
    const container = debian().withExec(sh("mkdir -p /out/sub && echo made > /out/sub/file"));
    expect(await container.file("/out/sub/file").contents()).toBe("made\n");
    expect(await container.directory("/out").entries()).toEqual(["sub/"]);
  });

  test("relative paths start from the workdir", async () => {
    const container = debian().withWorkdir("/work/sub").withNewFile("f", "here");
    expect(await container.file("f").contents()).toBe("here");
    expect(await container.file("../sub/f").contents()).toBe("here");
    expect(await container.directory(".").entries()).toEqual(["f"]);
  });

  test("a path that is missing is an error that names it", async () => {
    await expect(debian().file("/no/such").contents()).rejects.toThrow(
      "such: no such file or directory",
    );
    await expect(debian().directory("/bogus").sync()).rejects.toThrow(
      "bogus: no such file or directory",
    );
  });

  test("a directory is no file, and a file is no directory", async () => {
    await expect(debian().file("/etc").sync()).rejects.toThrow("/etc is a directory, not a file");
    await expect(debian().directory("/etc/passwd").sync()).rejects.toThrow(
      "/etc/passwd is a file, not a directory",
    );
  });

  test("a directory taken out keeps permissions, owners and links", async () => {
    const made = debian()
      .withExec(
        sh("mkdir /d && echo x > /d/f && chown 12:34 /d/f && chmod 4751 /d/f && ln -s f /d/l"),
      )
      .directory("/d");
    const listed = debian()
      .withDirectory("/copy", made)
      .withExec(sh("stat -c '%a %u:%g' /copy/f; readlink /copy/l"));
    expect(await listed.stdout()).toBe("4751 12:34\nf\n");
  });

  test("what is taken out can go into a scratch container", async () => {
    const etc = debian().directory("/etc");
    expect(await dag.container().withDirectory("/", etc).exists("/passwd")).toBe(true);
  });
});

describe("exists and stat", () => {
  const container = () =>
    debian()
      .withWorkdir("/work")
      .withNewFile("file", "12345678", { permissions: 0o640 })
      .withSymlink("file", "link");

  test("exists tells types apart and follows links unless told not to", async () => {
    expect(await container().exists("file")).toBe(true);
    expect(await container().exists("missing")).toBe(false);
    expect(await container().exists("/work", { expectedType: ExistsType.DirectoryType })).toBe(
      true,
    );
    expect(await container().exists("file", { expectedType: ExistsType.DirectoryType })).toBe(
      false,
    );
    const regular = { expectedType: ExistsType.RegularType };
    expect(await container().exists("link", regular)).toBe(true);
    expect(await container().exists("link", { ...regular, doNotFollowSymlinks: true })).toBe(false);
  });

  test("stat tells name, size, type and permissions", async () => {
    const stat = container().stat("file");
    expect(await stat.name()).toBe("file");
    expect(await stat.size()).toBe(8);
    expect(await stat.fileType()).toBe("REGULAR");
    expect(await stat.permissions()).toBe(0o640);
    expect(await container().stat("link", { doNotFollowSymlinks: true }).fileType()).toBe(
      "SYMLINK",
    );
    expect(await container().stat("/work").fileType()).toBe("DIRECTORY");
  });

  test("stat of a missing path is an error", async () => {
    await expect(container().stat("missing").size()).rejects.toThrow("no such file or directory");
  });
});
