import { CacheSharingMode, dag } from "@dagger.io/dagger";
import { describe, expect, test } from "vitest";
import { debian, nonce, sh } from "../support/containers.ts";

describe("CacheVolume", () => {
  test("the same key is the same volume, another key another", async () => {
    const key = nonce();
    expect(await dag.cacheVolume(key).id()).toBe(await dag.cacheVolume(key).id());
    expect(await dag.cacheVolume(key).id()).not.toBe(await dag.cacheVolume(`${key}-2`).id());
  });

  test("a key may hold any characters", async () => {
    const cache = dag.cacheVolume(`odd key/with ☃ and $(things) ${nonce()}`);
    const ran = debian().withMountedCache("/c", cache).withExec(sh("echo x > /c/f; cat /c/f"));
    expect(await ran.stdout()).toBe("x\n");
  });

  test("files in it keep modes and links", async () => {
    const cache = dag.cacheVolume(nonce());
    const at = () => debian().withMountedCache("/c", cache);
    await at().withExec(sh("echo x > /c/f; chmod 4750 /c/f; ln -s f /c/l; mkdir /c/d")).sync();
    const listed = at().withExec(sh("stat -c %a /c/f; readlink /c/l; ls /c"));
    expect(await listed.stdout()).toBe("4750\nf\nd\nf\nl\n");
  });

  test("shared: two commands that run at once see each other's files", async () => {
    const cache = dag.cacheVolume(nonce());
    const meet = (mine: string, other: string) =>
      debian()
        .withMountedCache("/c", cache, { sharing: CacheSharingMode.Shared })
        .withExec(
          sh(
            `touch /c/${mine}; for i in $(seq 300); do test -e /c/${other} && exit 0; sleep 0.1; done; exit 1`,
          ),
        )
        .sync();
    await Promise.all([meet("a", "b"), meet("b", "a")]);
  });

  test("locked: one command at a time", async () => {
    const cache = dag.cacheVolume(nonce());
    const locked = { sharing: CacheSharingMode.Locked };
    const enter = (who: string) =>
      debian()
        .withMountedCache("/c", cache, locked)
        .withEnvVariable("WHO", who)
        .withExec(sh("mkdir /c/busy && echo $WHO >> /c/log && sleep 0.3 && rmdir /c/busy"))
        .sync();
    await Promise.all([enter("one"), enter("two"), enter("three")]);
    const log = debian().withMountedCache("/c", cache, locked).withExec(["cat", "/c/log"]);
    expect((await log.stdout()).trim().split("\n").sort()).toEqual(["one", "three", "two"]);
  });

  test("private: two commands that run at once get separate files", async () => {
    const cache = dag.cacheVolume(nonce());
    const alone = (who: string) =>
      debian()
        .withMountedCache("/c", cache, { sharing: CacheSharingMode.Private })
        .withEnvVariable("WHO", who)
        .withExec(sh("echo $WHO >> /c/$WHO; sleep 2; ls /c"))
        .stdout();
    const [left, right] = await Promise.all([alone("left"), alone("right")]);
    expect([left, right]).toEqual(["left\n", "right\n"]);
  });

  test("one volume may be mounted at two paths of one container", async () => {
    const cache = dag.cacheVolume(nonce());
    const ran = debian()
      .withMountedCache("/one", cache)
      .withMountedCache("/two", cache)
      .withExec(sh("echo x > /one/f; cat /two/f"));
    expect(await ran.stdout()).toBe("x\n");
  });
});
