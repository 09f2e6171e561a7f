import { dag, type Platform } from "@dagger.io/dagger";
import { describe, expect, test } from "vitest";
import { baseImage, debian, sh } from "../support/containers.ts";

describe("Container.from", () => {
  test("takes the image's files, environment and default arguments", async () => {
    const container = dag.container().from(baseImage);
    expect(await container.file("/etc/os-release").contents()).toContain("Debian");
    expect(await container.envVariable("PATH")).toContain("/usr/bin");
    expect(await container.defaultArgs()).not.toEqual([]);
  });

  test("an image that does not exist is an error that names it", async () => {
    const missing = dag.container().from("localhost:1/acme/no-such-image:1.0");
    await expect(missing.sync()).rejects.toThrow("localhost:1/acme/no-such-image");
    await expect(missing.withLabel("a", "b").id()).rejects.toThrow(
      "localhost:1/acme/no-such-image",
    );
  });

  test.each(["", "Not A Reference", "acme/UPPER:tag"])(
    "%j is no image reference",
    async (address) => {
      await expect(dag.container().from(address).sync()).rejects.toThrow(
        /invalid|parse|reference/i,
      );
    },
  );

  test("replaces the files of the container before it, and keeps variables set by hand", async () => {
    const container = dag
      .container()
      .withNewFile("/before", "x")
      .withEnvVariable("MINE", "kept")
      .from(baseImage);
    expect(await container.exists("/before")).toBe(false);
    expect(await container.envVariable("MINE")).toBe("kept");
  });

  test("the same address twice is the same image", async () => {
    const [first, second] = await Promise.all([
      dag.container().from(baseImage).file("/etc/os-release").digest(),
      dag.container().from(`docker.io/library/${baseImage}`).file("/etc/os-release").digest(),
    ]);
    expect(first).toBe(second);
  });
});

describe("Container.imageRef", () => {
  test("names repository and digest, and finds the same image again", async () => {
    const ref = await dag.container().from(baseImage).imageRef();
    expect(ref).toMatch(/^docker\.io\/library\/debian(:bookworm-slim)?@sha256:[0-9a-f]{64}$/);
    expect(await dag.container().from(ref).rootfs().file("/etc/os-release").digest()).toBe(
      await dag.container().from(baseImage).rootfs().file("/etc/os-release").digest(),
    );
  });

  test("fails once the image has been changed", async () => {
    const changed = debian().withExec(["true"]);
    await expect(changed.imageRef()).rejects.toThrow(/image reference can only be retrieved/i);
  });
});

describe("scratch container", () => {
  test("has no files, no command and the engine's platform", async () => {
    const scratch = dag.container();
    expect(await scratch.rootfs().entries()).toEqual([]);
    expect(await scratch.defaultArgs()).toEqual([]);
    expect(await scratch.platform()).toBe(await dag.defaultPlatform());
  });

  test("can be filled with files and run", async () => {
    const shell = debian().withExec(
      sh(
        "mkdir -p /root.d/bin; cp /bin/sh /bin/cat /root.d/bin; " +
          "for l in $(ldd /bin/sh /bin/cat | grep -o '/lib[^ ]*'); do mkdir -p /root.d/$(dirname $l); cp -L $l /root.d/$l; done",
      ),
    );
    const built = dag
      .container()
      .withRootfs(shell.directory("/root.d"))
      .withNewFile("/hello", "from scratch")
      .withExec(["/bin/cat", "/hello"]);
    expect(await built.stdout()).toBe("from scratch");
  });
});

describe("Container.rootfs and withRootfs", () => {
  test("rootfs holds the container's files without its mounts", async () => {
    const container = debian()
      .withNewFile("/mine", "x")
      .withMountedDirectory("/mnt", dag.directory().withNewFile("mounted", ""));
    const entries = await container.rootfs().entries();
    expect(entries).toEqual(expect.arrayContaining(["etc/", "mine"]));
    expect(await container.rootfs().exists("mnt/mounted")).toBe(false);
  });

  test("changing rootfs does not change the container", async () => {
    const container = debian();
    expect(await container.rootfs().withNewFile("new", "x").exists("new")).toBe(true);
    expect(await container.exists("/new")).toBe(false);
  });

  test("withRootfs changes the files and keeps the configuration", async () => {
    const files = debian().rootfs().withNewFile("/added", "by hand");
    const container = debian().withEnvVariable("KEPT", "1").withRootfs(files);
    expect(await container.withExec(["cat", "/added"]).stdout()).toBe("by hand");
    expect(await container.envVariable("KEPT")).toBe("1");
  });
});

describe("platform", () => {
  test("is linux on the engine's own architecture by default", async () => {
    expect(await dag.defaultPlatform()).toMatch(/^linux\/(amd64|arm64)/);
    expect(await debian().platform()).toBe(await dag.defaultPlatform());
  });

  test("is what the container was created with", async () => {
    const other = (await dag.defaultPlatform()).startsWith("linux/arm64")
      ? "linux/amd64"
      : "linux/arm64";
    expect(await dag.container({ platform: other as Platform }).platform()).toBe(other);
  });

  test("one that cannot be parsed is refused", async () => {
    const container = dag.container({ platform: "not a platform" as Platform });
    await expect(container.sync()).rejects.toThrow(/platform/i);
  });
});
