import { dag } from "@dagger.io/dagger";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { baseImage, nonce } from "../support/containers.ts";
import { post, postRaw } from "../support/graphql.ts";
import { onEmbeddedEngine } from "../support/session.ts";

describe("answers", () => {
  test("have the shape of the query, aliases included", async () => {
    const { status, data, errors } = await post(
      `{ directory { withNewFile(path: "f", contents: "x") { names: entries file(path: "f") { contents } } } }`,
    );
    expect(status).toBe(200);
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      directory: { withNewFile: { names: ["f"], file: { contents: "x" } } },
    });
  });

  test("an object can be found again by its id", async () => {
    const id = await dag.directory().withNewFile("f", "found").id();
    const { data } = await post(
      `{ node(id: ${JSON.stringify(id)}) { id ... on Directory { file(path: "f") { contents } } } }`,
    );
    expect(data).toEqual({ node: { id, file: { contents: "found" } } });
    const loaded = await post(`{ loadDirectoryFromID(id: ${JSON.stringify(id)}) { entries } }`);
    expect(loaded.data).toEqual({ loadDirectoryFromID: { entries: ["f"] } });
  });

  test("equal recipes have equal ids", async () => {
    const id = () => dag.directory().withNewFile("f", "same").id();
    expect(await id()).toBe(await id());
  });

  test("version and default platform are told", async () => {
    const { data } = await post("{ version defaultPlatform }");
    const told = z.object({ version: z.string().min(1), defaultPlatform: z.string() }).parse(data);
    expect(told.defaultPlatform).toMatch(/^linux\//);
  });

  test("two mutations of one object in one query do not mix", async () => {
    const { data } = await post(
      `{ container { a: withEnvVariable(name: "X", value: "1") { envVariable(name: "X") } b: envVariable(name: "X") } }`,
    );
    expect(data).toEqual({ container: { a: { envVariable: "1" }, b: null } });
  });

  test("the schema can be introspected", async () => {
    const { data } = await post(
      `{ __schema { queryType { name } } __type(name: "Container") { kind name } }`,
    );
    expect(data).toEqual({
      __schema: { queryType: { name: "Query" } },
      __type: { kind: "OBJECT", name: "Container" },
    });
  });
});

describe("errors", () => {
  test("an unknown field is named with its type, and nothing runs", async () => {
    const { data, errors } = await post("{ container { flyAway } }");
    expect(errors?.[0]?.message).toContain('Cannot query field "flyAway" on type "Container"');
    expect(data ?? null).toBeNull();
  });

  test("an unknown argument is named with its field", async () => {
    const { errors } = await post(`{ container { from(address: "x", colour: "red") { id } } }`);
    expect(errors?.[0]?.message).toMatch(/Unknown argument "colour" on field "Container\.from"/);
  });

  test("a missing argument and one of the wrong type are named", async () => {
    const missing = await post("{ container { from { id } } }");
    expect(missing.errors?.[0]?.message).toContain("address");
    const wrong = await post(`{ container { withExposedPort(port: "eighty") { id } } }`);
    expect(wrong.errors?.[0]?.message).toMatch(/Int/);
  });

  test("an object needs a selection", async () => {
    const { errors } = await post("{ container }");
    expect(errors?.[0]?.message).toMatch(/must have a selection of subfields/);
  });

  test("a failed command has extensions of type EXEC_ERROR and the path of its field", async () => {
    const { errors } = await post(
      `{ container { from(address: "${baseImage}") { withExec(args: ["sh", "-c", "echo out; echo err >&2; exit 5"]) { stdout } } } }`,
    );
    const [error] = errors ?? [];
    expect(error?.message).toContain("exit code: 5");
    expect(error?.extensions).toMatchObject({
      _type: "EXEC_ERROR",
      cmd: ["sh", "-c", "echo out; echo err >&2; exit 5"],
      exitCode: 5,
      stdout: "out",
      stderr: "err",
    });
    expect(error?.path).toEqual(["container", "from", "withExec", "stdout"]);
  });

  test("an id that is none is refused", async () => {
    const { errors } = await post(`{ node(id: "bogus") { id } }`);
    expect(errors).toHaveLength(1);
  });

  test("the id of another type is refused where a type is expected", async () => {
    const id = await dag.cacheVolume(nonce()).id();
    const { errors } = await post(`{ loadDirectoryFromID(id: ${JSON.stringify(id)}) { entries } }`);
    expect(errors?.[0]?.message).toMatch(/Directory/);
  });

  test("one that is no GraphQL is refused with a message", async () => {
    const { errors } = await post("{ container {");
    expect(errors?.[0]?.message).toMatch(/syntax|expected|unexpected/i);
  });

  test.runIf(onEmbeddedEngine)("a field that is known but not supported names itself", async () => {
    const { errors } = await post("{ llm { model } }");
    expect(errors?.[0]?.message).toContain("Query.llm is not supported");
    expect(errors?.[0]?.extensions).toMatchObject({ code: "UNSUPPORTED_FIELD" });
  });

  test.runIf(onEmbeddedEngine)(
    "an argument that is known but not supported names itself",
    async () => {
      const { errors } = await post(
        `{ container { withExec(args: ["true"], experimentalPrivilegedNesting: true) { stdout } } }`,
      );
      expect(errors?.[0]?.message).toContain("experimentalPrivilegedNesting");
    },
  );
});

describe("access", () => {
  test.each([
    ["no token", null],
    ["a wrong token", "not-the-token"],
    ["a prefix of the token", (process.env.DAGGER_SESSION_TOKEN ?? "").slice(0, 8)],
  ])("%s is answered 401", async (_, token) => {
    const response = await postRaw(JSON.stringify({ query: "{ version }" }), { token });
    expect(response.status).toBe(401);
    expect(await response.text()).not.toContain("v0.");
  });

  test("a body that is no JSON is refused, and the session lives on", async () => {
    const response = await postRaw("{{{");
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect((await post("{ version }")).status).toBe(200);
  });
});
