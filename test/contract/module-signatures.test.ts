import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadModule } from "../../dagger/modules/load.ts";
import { type FunctionDef, mainObjectOf, type ModuleDef } from "../../dagger/modules/typedefs.ts";
import { openSession, type OpenSession } from "../../dagger/session/open.ts";
import { dependentClient, requiredOf } from "../support/dependentClient.ts";

const root = join(import.meta.dirname, "../..");
let open: OpenSession;
let module: ModuleDef;
let functions: [name: string, fn: FunctionDef][];

beforeAll(async () => {
  open = await openSession({ cwd: root });
  module = await loadModule(open, root);
  const main = mainObjectOf(module);
  functions = [
    [main.name, main.constructorFn!],
    ...module.objects.flatMap((object) =>
      object.functions.map((fn): [string, FunctionDef] => [`${object.name}.${fn.name}`, fn]),
    ),
  ];
});
afterAll(() => open.close());

describe("the module's arguments", () => {
  test("are required only where nothing could be meant without them", () => {
    const required = functions.map(([name, fn]) => [name, requiredOf(fn)] as const);
    expect(Object.fromEntries(required.filter(([, args]) => args.length > 0))).toEqual({
      "Sluice.withRegistryAuth": ["address", "username", "secret"],
      "Sluice.withSetting": ["name", "value"],
      "Sluice.plan": ["channel"],
      "Sluice.promote": ["channel"],
      "Sluice.rollback": ["channel", "reason"],
      "Sluice.rollbackFly": ["reason"],
      "Sluice.rollbackCompose": ["reason"],
      "Sluice.rollbackContainerApps": ["reason"],
      "Sluice.announce": ["channel"],
      "Sluice.proposeRelease": ["channel"],
      "Sluice.recover": ["channel"],
      "Sluice.approve": ["channel"],
      "Sluice.reject": ["reason"],
      "Sluice.lock": ["channel", "reason"],
      "Sluice.unlock": ["channel", "claim"],
      "Sluice.reconcile": ["channel"],
      "SluiceBuild.container": ["service"],
      "SluiceCandidate.promote": ["channel"],
    });
  });

  test("have help without backticks, which Dagger takes for the name of a value", () => {
    const args = functions.flatMap(([name, fn]) =>
      fn.args.map((arg) => [`${name} ${arg.name}`, arg.description] as const),
    );
    expect(args.filter(([, text]) => text === "" || text.includes("`"))).toEqual([]);
  });

  test("are no lists of free text, which Dagger splits at commas", () => {
    const lists = functions.flatMap(([name, fn]) =>
      fn.args.filter(({ type }) => type.kind === "LIST").map((arg) => `${name} ${arg.name}`),
    );
    expect(lists).toEqual([
      "Sluice.build service",
      "Sluice.compareVersions target",
      "Sluice.systemdUnits credentials",
    ]);
  });

  test("keep their defaults in help where they may be left out", () => {
    const history = functions.find(([name]) => name === "Sluice.history")![1];
    expect(history.args.find(({ name }) => name === "limit")).toMatchObject({
      defaultValue: "20",
      type: { optional: true },
    });
  });
});

describe("a module that depends on it", () => {
  const fixture = join(root, "test/real-engine.d/fixtures/dependent/src/index.ts");

  test("compiles with what it gives, and no more", async () => {
    expect(await faultsOf(await readFile(fixture, "utf8"))).toEqual([]);
  });

  test("is told of what is missing, of another type, or unknown", async () => {
    const program = [
      'import { dag } from "@dagger.io/dagger";',
      "await dag.sluice().promote().json();",
      'await dag.sluice().promote("prod", { note: ["a"] }).json();',
      'await dag.sluice({ sourse: "." }).validate();',
      "export {};",
    ];
    expect(await faultsOf(program.join("\n"))).toEqual([
      "Expected 1-2 arguments, but got 0.",
      "Type 'string[]' is not assignable to type 'string'.",
      expect.stringContaining("'sourse' does not exist"),
    ]);
  });
});

/** What the compiler says of a program over the client that a dependent of the module gets. */
async function faultsOf(program: string): Promise<string[]> {
  const folder = await mkdtemp(join(root, "node_modules/.dependent-"));
  try {
    const library = join(root, "node_modules/@dagger.io/dagger/dist/src/index.js");
    await writeFile(join(folder, "client.d.ts"), dependentClient(module, library));
    await writeFile(join(folder, "index.ts"), program);
    const options: ts.CompilerOptions = {
      ...{ strict: true, noEmit: true, skipLibCheck: false, experimentalDecorators: true },
      ...{ target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022, types: [] },
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      paths: { "@dagger.io/dagger": [join(folder, "client.d.ts")] },
    };
    const compiled = ts.createProgram([join(folder, "index.ts")], options);
    return ts
      .getPreEmitDiagnostics(compiled)
      .filter(({ file }) => file?.fileName.startsWith(folder))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
