import { dag, ExecError } from "@dagger.io/dagger";
import { describe, expect, test } from "vitest";
import { readImages, readMembers } from "../support/archive.ts";
import { addUser, debian, nonce, sh } from "../support/containers.ts";
import { scratch } from "../support/scratch.ts";

const secret = () => {
  const value = `s3cr3t-${nonce()}`;
  return { value, secret: dag.setSecret(nonce(), value) };
};

describe("withSecretVariable", () => {
  test("commands see the value, output shows *** instead of it", async () => {
    const { value, secret: token } = secret();
    const ran = debian()
      .withSecretVariable("TOKEN", token)
      .withExec(sh('echo "$TOKEN"; echo "err $TOKEN" >&2; printf %s "$TOKEN" | wc -c'));
    expect(await ran.stdout()).toBe(`***\n${value.length}\n`);
    expect(await ran.stderr()).toBe("err ***\n");
  });

  test("the value is not among the container's variables", async () => {
    const { secret: token } = secret();
    const container = debian().withSecretVariable("TOKEN", token);
    expect(await container.envVariable("TOKEN")).toBeNull();
    const names = await Promise.all((await container.envVariables()).map((entry) => entry.name()));
    expect(names).not.toContain("TOKEN");
  });

  test("withoutSecretVariable takes it away", async () => {
    const { secret: token } = secret();
    const ran = debian()
      .withSecretVariable("TOKEN", token)
      .withoutSecretVariable("TOKEN")
      .withExec(["env"]);
    expect(await ran.stdout()).not.toContain("TOKEN");
  });

  test("the last secret of a name wins", async () => {
    const short = dag.setSecret(nonce(), "AAAA");
    const long = dag.setSecret(nonce(), "BBBBBBBBB");
    const ran = debian()
      .withSecretVariable("T", short)
      .withSecretVariable("T", long)
      .withExec(sh('printf %d "${#T}"'));
    expect(await ran.stdout()).toBe("9");
  });

  test("a failing command's error does not show it", async () => {
    const { value, secret: token } = secret();
    const failed = debian()
      .withSecretVariable("TOKEN", token)
      .withExec(sh('echo "out $TOKEN"; echo "err $TOKEN" >&2; exit 1'));
    const error = (await failed.sync().catch((reason: unknown) => reason)) as ExecError;
    expect(error.stdout).toBe("out ***");
    expect(error.stderr).toBe("err ***");
    expect(JSON.stringify([error.message, error.cmd, error.extensions])).not.toContain(value);
  });

  test("a value of several lines is hidden as a whole", async () => {
    const key = `-----BEGIN ${nonce()}-----\nline two\nline three\n`;
    const ran = debian()
      .withSecretVariable("KEY", dag.setSecret(nonce(), key))
      .withExec(sh('printf %s "$KEY"'));
    expect(await ran.stdout()).toBe("***");
  });
});

test("output loses the secrets that its command was given, each as it is, and nothing else", async () => {
  const ran = (value: string, script: string) =>
    debian()
      .withSecretVariable("T", dag.setSecret(nonce(), value))
      .withMountedSecret("/empty", dag.setSecret(nonce(), ""))
      .withExec(sh(script));
  expect(await ran("\n", "echo a; echo b").stdout()).toBe("a***b***");
  expect(await ran("1", "echo 2112").combinedOutput()).toBe("2******2\n");
  expect(await ran(" x ", "echo 'a x b'; echo x").stdout()).toBe("a***b\n***\n");
  const other = `other-${nonce()}`;
  await dag.setSecret(nonce(), other).id();
  const encoded = `printf topsecret | base64; echo ${other}`;
  expect(await ran("topsecret", encoded).stdout()).toBe(`dG9wc2VjcmV0\n${other}\n`);
});

describe("withMountedSecret", () => {
  test("commands read the file, its content is hidden in their output", async () => {
    const { value, secret: token } = secret();
    const ran = debian()
      .withMountedSecret("/run/token", token)
      .withExec(sh("cat /run/token; wc -c < /run/token"));
    expect(await ran.stdout()).toBe(`***${value.length}\n`);
  });

  test("is readable by its owner only, unless mode says otherwise", async () => {
    const { secret: token } = secret();
    const stat = ["stat", "-c", "%a %u:%g", "/token"];
    const mounted = (options: object) =>
      debian()
        .withExec(addUser)
        .withMountedSecret("/token", token, options)
        .withExec(stat)
        .stdout();
    expect(await mounted({})).toBe("400 0:0\n");
    expect(await mounted({ mode: 0o444 })).toBe("444 0:0\n");
    expect(await mounted({ owner: "ann:crew" })).toBe("400 1234:4321\n");
  });

  test("cannot be read back through the API", async () => {
    const { secret: token } = secret();
    const mounted = debian().withMountedSecret("/token", token).withExec(["true"]);
    await expect(mounted.file("/token").contents()).rejects.toThrow("no such file or directory");
  });

  test("is gone for commands after withoutMount", async () => {
    const { secret: token } = secret();
    const ran = debian()
      .withMountedSecret("/token", token)
      .withoutMount("/token")
      .withExec(sh("test -s /token && echo there || echo gone"));
    expect(await ran.stdout()).toBe("gone\n");
  });

  test("large and binary values arrive unchanged", async () => {
    const host = await scratch({ key: new Uint8Array(300_000).map((_, index) => index * 7) });
    const mounted = debian()
      .withMountedSecret("/key", dag.secret(`file://${host}/key`))
      .withMountedFile("/expected", dag.host().file(`${host}/key`))
      .withExec(sh("cmp /key /expected && echo same"));
    expect(await mounted.stdout()).toBe("same\n");
  });
});

test("an exported image holds neither variable, file nor value of a secret", async () => {
  const { value, secret: token } = secret();
  const container = debian()
    .withSecretVariable("TOKEN", token)
    .withMountedSecret("/run/token", token)
    .withExec(sh('test -n "$TOKEN" && test -s /run/token && echo used > /used'));
  const host = await scratch();
  await container.export(`${host}/image.tar`);
  const members = await readMembers(`${host}/image.tar`);
  for (const [name, text] of members)
    expect({ name, leaked: text.includes(value) }).toEqual({ name, leaked: false });
  // What the image says of its own making may name the variable.
  const [image] = readImages(members);
  expect(JSON.stringify({ ...image?.config, history: undefined })).not.toContain("TOKEN");
  const back = dag.container().import_(dag.host().file(`${host}/image.tar`));
  expect(await back.file("/used").contents()).toBe("used\n");
  const looked = back.withExec(sh("ls -l /run/token 2>/dev/null | grep -v ' 0 ' || echo none"));
  expect(await looked.stdout()).toBe("none\n");
});

test("equal commands with different secrets of one name do not share a result", async () => {
  const name = nonce();
  const length = (value: string) =>
    debian()
      .withSecretVariable("T", dag.setSecret(`${name}-${value.length}`, value))
      .withExec(sh('printf %d "${#T}"'))
      .stdout();
  expect([await length("four"), await length("fivesix")]).toEqual(["4", "7"]);
});
