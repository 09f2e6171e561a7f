import { dag } from "@dagger.io/dagger";
import { describe, expect, test } from "vitest";
import { addUser, debian, nonce, sh } from "../support/containers.ts";

const source = () => dag.directory().withNewFile("file", "content").withNewFile("sub/deep", "deep");

describe("withMountedDirectory", () => {
  test("commands see its files", async () => {
    const ran = debian()
      .withMountedDirectory("/mnt", source())
      .withExec(sh("cat /mnt/file /mnt/sub/deep"));
    expect(await ran.stdout()).toBe("contentdeep");
  });

  test("writes carry over to later execs and can be read, but do not reach the source", async () => {
    const original = source();
    const ran = debian()
      .withMountedDirectory("/mnt", original)
      .withExec(sh("echo 1 > /mnt/new; rm /mnt/file"))
      .withExec(sh("echo 2 >> /mnt/new"));
    expect(await ran.directory("/mnt").entries()).toEqual(["new", "sub/"]);
    expect(await ran.file("/mnt/new").contents()).toBe("1\n2\n");
    expect(await original.entries()).toEqual(["file", "sub/"]);
  });

  test("its files are not part of the root file system", async () => {
    const ran = debian().withMountedDirectory("/mnt/here", source()).withExec(["true"]);
    expect(await ran.rootfs().exists("mnt/here/file")).toBe(false);
    expect(await ran.withoutMount("/mnt/here").exists("/mnt/here/file")).toBe(false);
  });

  test("hides what the image has there, and withoutMount shows it again", async () => {
    const mounted = debian()
      .withNewFile("/data/below", "b")
      .withMountedDirectory("/data", source());
    expect(await mounted.withExec(["ls", "/data"]).stdout()).toBe("file\nsub\n");
    expect(await mounted.withoutMount("/data").withExec(["ls", "/data"]).stdout()).toBe("below\n");
  });

  test("readOnly refuses writes", async () => {
    const mounted = debian().withMountedDirectory("/mnt", source(), { readOnly: true });
    expect(await mounted.withExec(["cat", "/mnt/file"]).stdout()).toBe("content");
    await expect(mounted.withExec(sh("echo x > /mnt/new")).sync()).rejects.toThrow("exit code");
  });

  test("owner applies to all of it and keeps permissions", async () => {
    const tree = dag
      .directory()
      .withNewDirectory("d", { permissions: 0o745 })
      .withNewFile("d/f", "", { permissions: 0o645 })
      .directory("d");
    const ran = debian()
      .withExec(addUser)
      .withMountedDirectory("/data", tree, { owner: "ann:crew" })
      .withExec(["stat", "-c", "%a %u:%g", "/data", "/data/f"]);
    expect(await ran.stdout()).toBe("745 1234:4321\n645 1234:4321\n");
  });

  test("withFile, withDirectory and withNewFile write into the mount", async () => {
    const mounted = debian()
      .withMountedDirectory("/mnt", source())
      .withNewFile("/mnt/a", "a")
      .withFile("/mnt/sub/b", dag.file("b", "b"))
      .withDirectory("/mnt/c", dag.directory().withNewFile("d", "d"))
      .withoutFile("/mnt/file");
    expect(await mounted.directory("/mnt").glob("**/*")).toEqual(
      expect.arrayContaining(["a", "sub/b", "c/d"]),
    );
    const read = mounted.withExec(
      sh("cat /mnt/a /mnt/sub/b /mnt/c/d; ls /mnt/file 2>/dev/null || echo gone"),
    );
    expect(await read.stdout()).toBe("abdgone\n");
  });

  test("a mount may hold another mount, each with its own files", async () => {
    const outer = dag.directory().withNewFile("f", "outer").withNewDirectory("inner");
    const ran = debian()
      .withMountedDirectory("/mnt", outer)
      .withMountedDirectory("/mnt/inner", dag.directory().withNewFile("f", "inner"))
      .withExec(sh("cat /mnt/f /mnt/inner/f; echo new > /mnt/inner/n"));
    expect(await ran.stdout()).toBe("outerinner");
    expect(await ran.directory("/mnt/inner").entries()).toEqual(["f", "n"]);
  });

  test("a new mount replaces the one at its path and those below it", async () => {
    const mounted = debian()
      .withMountedDirectory("/mnt/dir", dag.directory().withNewFile("f", "lower"))
      .withMountedDirectory("/mnt/dir", dag.directory().withNewFile("f", "upper"));
    expect(await mounted.mounts()).toEqual(["/mnt/dir"]);
    expect(await mounted.withExec(["cat", "/mnt/dir/f"]).stdout()).toBe("upper");
    const parent = mounted.withMountedDirectory("/mnt", dag.directory().withNewFile("f", "parent"));
    expect(await parent.mounts()).toEqual(["/mnt"]);
    expect(await parent.withExec(["cat", "/mnt/f"]).stdout()).toBe("parent");
  });

  test("the workdir may be a mount", async () => {
    const ran = debian()
      .withMountedDirectory("/src", source())
      .withWorkdir("/src")
      .withExec(sh("echo built > out; cat file"));
    expect(await ran.stdout()).toBe("content");
    expect(await ran.file("out").contents()).toBe("built\n");
  });

  test("expand replaces variables in its path, also in withoutMount", async () => {
    const mounted = debian()
      .withEnvVariable("AT", "here")
      .withMountedDirectory("/mnt/${AT}", source(), { expand: true });
    expect(await mounted.mounts()).toEqual(["/mnt/here"]);
    expect(await mounted.withoutMount("/mnt/$AT", { expand: true }).mounts()).toEqual([]);
  });
});

describe("withMountedFile", () => {
  test("commands see its content; a change stays with this container", async () => {
    const file = dag.file("config", "original");
    const ran = debian()
      .withMountedFile("/etc/app.conf", file)
      .withExec(sh("cat /etc/app.conf; echo changed > /etc/app.conf"))
      .withExec(["cat", "/etc/app.conf"]);
    expect(await ran.stdout()).toBe("changed\n");
    expect(await ran.file("/etc/app.conf").contents()).toBe("changed\n");
    expect(await file.contents()).toBe("original");
  });

  test("keeps permissions and takes an owner", async () => {
    const file = dag
      .directory()
      .withNewFile("run", "#!/bin/sh\necho ran", { permissions: 0o755 })
      .file("run");
    const ran = debian()
      .withExec(addUser)
      .withMountedFile("/usr/local/bin/run", file, { owner: "ann" })
      .withExec(sh("run; stat -c '%a %u' /usr/local/bin/run"));
    expect(await ran.stdout()).toBe("ran\n755 1234\n");
  });

  test("stat reads it", async () => {
    const mounted = debian().withMountedFile("/mounted", dag.file("f", "12345"));
    expect(await mounted.stat("/mounted").size()).toBe(5);
  });
});

describe("withMountedTemp", () => {
  test("is an empty tmpfs whose files do not outlive the exec", async () => {
    const mounted = debian().withMountedTemp("/scratch");
    const ran = mounted.withExec(
      sh("grep ' /scratch ' /proc/mounts | cut -d' ' -f3; echo x > /scratch/f"),
    );
    expect(await ran.stdout()).toBe("tmpfs\n");
    expect(await ran.withExec(["ls", "/scratch"]).stdout()).toBe("");
  });

  test("size limits it", async () => {
    const ran = debian()
      .withMountedTemp("/scratch", { size: 1024 * 1024 })
      .withExec(sh("dd if=/dev/zero of=/scratch/f bs=1024 count=2048"));
    await expect(ran.sync()).rejects.toThrow("exit code");
  });

  test("cannot be read from outside", async () => {
    const mounted = debian().withMountedTemp("/scratch");
    await expect(mounted.file("/scratch/f").contents()).rejects.toThrow(
      "cannot retrieve path from tmpfs",
    );
    await expect(mounted.directory("/scratch").sync()).rejects.toThrow(
      "cannot retrieve path from tmpfs",
    );
  });
});

describe("withMountedCache", () => {
  test("keeps its files from one container to another", async () => {
    const cache = dag.cacheVolume(nonce());
    const append = (word: string) =>
      debian()
        .withMountedCache("/cache", cache)
        .withExec(sh(`echo ${word} >> /cache/log; cat /cache/log`));
    expect(await append("one").stdout()).toBe("one\n");
    expect(await append("two").stdout()).toBe("one\ntwo\n");
  });

  test("starts from its source directory", async () => {
    const cache = dag.cacheVolume(nonce());
    const source = dag.directory().withNewFile("log", "seed\n");
    const append = (word: string) =>
      debian()
        .withMountedCache("/cache", cache, { source })
        .withExec(sh(`echo ${word} >> /cache/log; cat /cache/log`))
        .stdout();
    expect(await append("one")).toBe("seed\none\n");
    expect(await append("two")).toBe("seed\none\ntwo\n");
  });

  test("takes an owner", async () => {
    const ran = debian()
      .withExec(addUser)
      .withMountedCache("/cache", dag.cacheVolume(nonce()), { owner: "ann:crew" })
      .withExec(["stat", "-c", "%u:%g", "/cache"]);
    expect(await ran.stdout()).toBe("1234:4321\n");
  });

  test("is not part of the container's files and cannot be read from outside", async () => {
    const mounted = debian()
      .withMountedCache("/cache", dag.cacheVolume(nonce()))
      .withExec(sh("echo x > /cache/f"));
    await expect(mounted.file("/cache/f").contents()).rejects.toThrow(
      "cannot retrieve path from cache",
    );
    expect(await mounted.withoutMount("/cache").exists("/cache/f")).toBe(false);
  });

  test("may hold a mounted file", async () => {
    const mounted = debian()
      .withMountedCache("/cache", dag.cacheVolume(nonce()))
      .withMountedFile("/cache/sub", dag.file("f", "in cache"));
    expect(await mounted.withExec(["cat", "/cache/sub"]).stdout()).toBe("in cache");
    expect(await mounted.file("/cache/sub").contents()).toBe("in cache");
  });
});

test("mounts lists the paths in order of mounting, withoutMount takes one away", async () => {
  const mounted = debian()
    .withMountedTemp("/tmp/t")
    .withMountedDirectory("/d", dag.directory())
    .withMountedFile("/f", dag.file("f", ""))
    .withMountedCache("/c", dag.cacheVolume(nonce()));
  expect(await mounted.mounts()).toEqual(["/tmp/t", "/d", "/f", "/c"]);
  expect(await mounted.withoutMount("/f").mounts()).toEqual(["/tmp/t", "/d", "/c"]);
});
