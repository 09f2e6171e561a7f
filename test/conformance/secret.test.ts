import { dag } from "@dagger.io/dagger";
import { describe, expect, test } from "vitest";
import { debian, nonce, sh } from "../support/containers.ts";
import { onEmbeddedEngine } from "../support/session.ts";
import { scratch } from "../support/scratch.ts";

describe("setSecret", () => {
  test("gives name and value back to the program that set it", async () => {
    const secret = dag.setSecret("api-key", "plain ☃ text\n");
    expect(await secret.name()).toBe("api-key");
    expect(await secret.plaintext()).toBe("plain ☃ text\n");
  });

  test("a secret of the same name set again has the new value", async () => {
    const name = nonce();
    await dag.setSecret(name, "first-value").id();
    expect(await dag.setSecret(name, "second-value").plaintext()).toBe("second-value");
  });

  test("an empty name and an empty value are allowed", async () => {
    expect(await dag.setSecret("", "anonymous-value").plaintext()).toBe("anonymous-value");
    expect(await dag.setSecret(nonce(), "").plaintext()).toBe("");
  });

  test("its id does not give the value away", async () => {
    const value = `hidden-${nonce()}`;
    const id = await dag.setSecret(nonce(), value).id();
    expect(id).not.toContain(value);
    expect(Buffer.from(id, "base64").toString("latin1")).not.toContain(value);
  });
});

describe("secret providers", () => {
  test("file:// reads a file of the client", async () => {
    const host = await scratch({ token: "from-a-file\n" });
    const secret = dag.secret(`file://${host}/token`);
    expect(await secret.plaintext()).toBe("from-a-file\n");
    expect(await secret.uri()).toBe(`file://${host}/token`);
  });

  test("cmd:// runs a command of the client", async () => {
    expect(await dag.secret("cmd://echo from-a-command | tr a-z A-Z").plaintext()).toBe(
      "FROM-A-COMMAND\n",
    );
  });

  test("env:// reads a variable of the client", async () => {
    // The session's process holds the environment; PATH is in every one.
    expect((await dag.secret("env://PATH").plaintext()).length).toBeGreaterThan(0);
  });

  test("what a provider answers is hidden in output too", async () => {
    const value = `from-file-${nonce()}`;
    const host = await scratch({ token: value });
    const ran = debian()
      .withSecretVariable("TOKEN", dag.secret(`file://${host}/token`))
      .withExec(sh("echo $TOKEN"));
    expect(await ran.stdout()).toBe("***\n");
  });

  test("a missing variable, a missing file and a failing command are errors that say which", async () => {
    await expect(dag.secret("env://SLUICE_SURELY_NOT_SET").plaintext()).rejects.toThrow(
      /env var not found/,
    );
    await expect(dag.secret("file:///surely/not/there").plaintext()).rejects.toThrow(
      /no such file/,
    );
    await expect(dag.secret("cmd://exit 1").plaintext()).rejects.toThrow(
      /failed to run secret command/,
    );
  });

  test("an unknown provider and a malformed address are refused", async () => {
    await expect(dag.secret("wtf://foobar").id()).rejects.toThrow(
      'unsupported secret provider: "wtf"',
    );
    await expect(dag.secret("wtf").id()).rejects.toThrow("malformed id");
  });

  test.runIf(onEmbeddedEngine)("a provider that is not supported here is named", async () => {
    await expect(dag.secret("vault://kv/secret.token").plaintext()).rejects.toThrow("vault");
  });
});
