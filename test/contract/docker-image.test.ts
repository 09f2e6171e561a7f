import { describe, expect, test } from "vitest";
import { treeFromTar } from "../../dagger/content/tar.ts";
import { Tree } from "../../dagger/content/tree.ts";
import { type Fixture, connected, docker, localRegistry } from "./docker-support.ts";

const none = new Map();

describe("change", () => {
  test("puts files with owner, mode and time, and makes parents that root owns", async () => {
    const { runtime, base, store, tree } = await connected();
    const added = await tree({ "d/f": "text", l: { kind: "symlink", target: "d/f", mode: 0o777 } });
    const image = await runtime.change(base, runtime.platform, [
      { kind: "put", path: "/opt/deep/place", tree: added },
    ]);
    const read = await treeFromTar(store, await runtime.archive(image, "/opt/deep"));
    expect(read.get("deep")).toMatchObject({ mode: 0o755, uid: 0, gid: 0 });
    expect(read.get("deep/place/d/f")).toEqual(added.get("d/f"));
    expect(read.get("deep/place/l")).toEqual(added.get("l"));
  });

  test("replaces files by directories, and directories by files", async () => {
    const { runtime, base, store, tree } = await connected();
    const image = await runtime.change(base, runtime.platform, [
      { kind: "put", path: "/a", tree: await tree({ x: "file", "y/inner": "text" }) },
      { kind: "put", path: "/a", tree: await tree({ "x/inner": "text", y: "file" }) },
      { kind: "put", path: "/a/y", tree: await tree({ z: "under what was a file" }) },
    ]);
    const read = await treeFromTar(store, await runtime.archive(image, "/a"));
    expect([...read.entries.keys()]).toEqual(["a", "a/x", "a/x/inner", "a/y", "a/y/z"]);
  });

  test("removes what is named, whatever its name, and only that", async () => {
    const { runtime, base, store, tree } = await connected();
    const names = ["-rf", "with space", "new\nline", "*", "kept"];
    const files = Object.fromEntries(names.map((name) => [name, "x"]));
    const image = await runtime.change(base, runtime.platform, [
      { kind: "put", path: "/n", tree: await tree(files) },
      { kind: "remove", paths: [...names.slice(0, 4).map((name) => `/n/${name}`), "/absent"] },
      { kind: "put", path: "/etc", tree: await tree({ hosts: "put after a removal" }) },
    ]);
    const read = await treeFromTar(store, await runtime.archive(image, "/n"));
    expect([...read.entries.keys()]).toEqual(["n", "n/kept"]);
    const dev = await treeFromTar(store, await runtime.archive(image, "/dev"));
    expect([...dev.entries.keys()].filter((name) => name.includes("sluice"))).toEqual([]);
  });

  test("works on an image with nothing in it", async () => {
    const { runtime, store, tree } = await connected();
    const scratch = await runtime.scratch(runtime.platform, Tree.empty);
    const image = await runtime.change(scratch.id, runtime.platform, [
      { kind: "put", path: "/", tree: await tree({ f: "text" }) },
      { kind: "put", path: "/", tree: Tree.of([]) },
    ]);
    const read = await treeFromTar(store, await runtime.archive(image, "/f"));
    expect(read.get("f")).toMatchObject({ kind: "file", uid: 5 });
  });
});

describe("an image that is read", () => {
  test("a path that is absent is PATH_NOT_FOUND", async () => {
    const { runtime, base } = await connected();
    await expect(runtime.archive(base, "/no/such")).rejects.toMatchObject({
      code: "PATH_NOT_FOUND",
      message: "/no/such: no such file or directory",
    });
  });
});

describe("publish and pull", () => {
  const variant = async ({ runtime, base }: Fixture) => ({
    image: base,
    platform: runtime.platform,
    config: (await runtime.inspect(base)).config,
    annotations: {},
  });

  test("an unchanged image is one request, and comes back without a download", async () => {
    const fixture = await connected();
    const { runtime, base } = fixture;
    const registry = await localRegistry();
    const address = `${registry.address}/team/app:one`;
    const assembly = { variants: [await variant(fixture)] };
    const published = await runtime.publish(address, assembly, { credentials: none });
    expect(published).toMatch(new RegExp(`^${address}@sha256:[0-9a-f]{64}$`));
    const before = await registry.requests();
    expect(await runtime.publish(address, assembly, { credentials: none })).toBe(published);
    expect((await registry.requests()) - before).toBe(1);
    const options = { platform: runtime.platform, credentials: none };
    const pulled = await runtime.pull(published, options);
    expect(pulled).toMatchObject({ id: base, standIn: false });
    expect(pulled.ref).toBe(published.replace(":one@", "@"));
    expect((await registry.requests()) - before).toBe(2);
  });

  test("another configuration on the same layers is the image that Docker then has", async () => {
    const fixture = await connected();
    const { runtime } = fixture;
    const { address } = await localRegistry();
    const plain = await variant(fixture);
    const labels = { "org.example": fixture.sessionId };
    const changed = { ...plain, config: { ...plain.config, cmd: ["changed"], labels } };
    const options = { credentials: none };
    const published = await runtime.publish(`${address}/app:x`, { variants: [changed] }, options);
    const pulled = await runtime.pull(published, { platform: runtime.platform, credentials: none });
    expect(pulled.config).toMatchObject({ cmd: ["changed"], labels });
    expect(JSON.parse(await docker("image", "inspect", pulled.id))).toHaveLength(1);
    await docker("image", "rm", pulled.id);
    const again = await runtime.pull(`${address}/app:x`, {
      platform: runtime.platform,
      credentials: none,
    });
    expect(again.id).toBe(pulled.id);
  });

  test("several platforms are one index, with annotations on each manifest", async () => {
    const fixture = await connected();
    const { runtime } = fixture;
    const { address } = await localRegistry();
    const own = { ...(await variant(fixture)), annotations: { "org.example": "note" } };
    const other = { ...own, platform: "linux/riscv64" };
    const published = await runtime.publish(
      `${address}/multi:x`,
      { variants: [own, other] },
      { credentials: none },
    );
    const pulled = await runtime.pull(published, { platform: "linux/riscv64", credentials: none });
    expect(pulled.platform).toBe("linux/riscv64");
    await expect(
      runtime.pull(published, { platform: "linux/s390x", credentials: none }),
    ).rejects.toMatchObject({
      code: "IMAGE_NOT_FOUND",
      message: expect.stringMatching(/linux\/s390x.*linux\/amd64|linux\/arm64/) as string,
    });
  });

  test("a tag that has moved is noticed", async () => {
    const fixture = await connected();
    const { runtime } = fixture;
    const { address } = await localRegistry();
    const options = { platform: runtime.platform, credentials: none };
    const plain = await variant(fixture);
    const push = (cmd: string) => {
      const config = { ...plain.config, cmd: [cmd] };
      return runtime.publish(`${address}/m:t`, { variants: [{ ...plain, config }] }, options);
    };
    await push("first");
    expect((await runtime.pull(`${address}/m:t`, options)).config.cmd).toEqual(["first"]);
    await push("second");
    expect((await runtime.pull(`${address}/m:t`, options)).config.cmd).toEqual(["second"]);
  });

  test("an archive is made the same way twice, and loads", async () => {
    const fixture = await connected();
    const { runtime, store } = fixture;
    const plain = await variant(fixture);
    const assembly = { variants: [{ ...plain, config: { ...plain.config, cmd: ["archived"] } }] };
    const archive = await runtime.tarball(assembly);
    expect(await runtime.tarball(assembly)).toEqual(archive);
    const loaded = await runtime.load(store.stream(archive.digest));
    expect(loaded.config.cmd).toEqual(["archived"]);
    await docker("image", "rm", loaded.id);
  });

  test("what is no archive is INVALID_ARCHIVE", async () => {
    const { runtime, store, tree } = await connected();
    const { tarFromTree } = await import("../../dagger/content/tar.ts");
    const archive = tarFromTree(store, await tree({ f: "x" }));
    await expect(runtime.load(archive)).rejects.toMatchObject({ code: "INVALID_ARCHIVE" });
  });
});

describe("a pull that fails says why", () => {
  test.each([
    ["--flag", "INVALID_REFERENCE"],
    ["$(id)", "INVALID_REFERENCE"],
    ["a b", "INVALID_REFERENCE"],
    ["../x", "INVALID_REFERENCE"],
    ["x".repeat(300), "INVALID_REFERENCE"],
    ["registry.invalid/x:1", "REGISTRY_UNREACHABLE"],
    ["localhost:9/x:1", "REGISTRY_UNREACHABLE"],
  ])("%s", async (ref, code) => {
    const { runtime } = await connected();
    await expect(
      runtime.pull(ref, { platform: runtime.platform, credentials: none }),
    ).rejects.toMatchObject({ code });
  });

  test("an image that the registry does not have", async () => {
    const { runtime } = await connected();
    const { address } = await localRegistry();
    await expect(
      runtime.pull(`${address}/no/such:1`, { platform: runtime.platform, credentials: none }),
    ).rejects.toMatchObject({
      code: "IMAGE_NOT_FOUND",
      message: expect.stringContaining(`${address}/no/such:1`) as string,
    });
  });

  test("a stand-in serves where there is no registry, and is announced", async () => {
    const { base } = await connected();
    const standIn = (ref: string) => Promise.resolve(ref === "registry.invalid/x:1" ? base : null);
    const { runtime, told } = await connected({ standIn });
    const options = { platform: runtime.platform, credentials: none };
    const pulled = await runtime.pull("registry.invalid/x:1", options);
    const ref = `registry.invalid/x@${base}`;
    expect(pulled).toMatchObject({ id: base, standIn: true, ref });
    // By that reference it is found again.
    expect(await runtime.pull(ref, options)).toMatchObject({ id: base, standIn: true, ref });
    expect(told.filter((line) => line.startsWith(`${ref}: `))).toEqual([
      expect.stringContaining("a stand-in serves"),
    ]);
  });
});
