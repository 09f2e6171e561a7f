import { buildSchema } from "graphql";
import { readFileSync } from "node:fs";
import type {
  ArgumentDef,
  FunctionDef,
  ModuleDef,
  TypeRef,
} from "../../dagger/modules/typedefs.ts";
import { moduleGrammar } from "../../dagger/cli/grammar/module-grammar.ts";

const schemaFile = new URL("../../dagger/schema/dagger.graphql", import.meta.url);

const string: TypeRef = { kind: "STRING", optional: false };
const optional = (type: TypeRef): TypeRef => ({ ...type, optional: true });
const object = (name: string): TypeRef => ({ kind: "OBJECT", name, optional: false });
const list = (element: TypeRef): TypeRef => ({ kind: "LIST", element, optional: false });

const named = (name: string, description = "") => ({ name, originalName: name, description });

const arg = (name: string, type: TypeRef, more: Partial<ArgumentDef> = {}): ArgumentDef => ({
  ...named(name, more.description),
  type,
  ignore: [],
  ...more,
});

const fn = (
  name: string,
  returns: TypeRef,
  args: ArgumentDef[] = [],
  more: Partial<FunctionDef> = {},
): FunctionDef => ({
  ...named(name, more.description),
  args,
  returns,
  cache: "default",
  isCheck: false,
  isGenerator: false,
  isUp: false,
  ...more,
});

/** A module such as a user might write, with every kind of argument and result. */
export const releaseModule: ModuleDef = {
  name: "release",
  description: "Releases services.\n\nBy the bytes that were tested.",
  field: "release",
  mainObject: "Release",
  interfaces: [],
  enums: [
    {
      ...named("ReleaseColour"),
      members: [
        { ...named("RED"), value: "RED" },
        { ...named("GREEN"), value: "green" },
      ],
    },
  ],
  objects: [
    {
      ...named("Release", "The main object."),
      fields: [{ ...named("channel", "Where it goes"), type: string }],
      constructorFn: fn("", object("Release"), [
        arg("source", optional(object("Directory")), {
          description: "What is released",
          defaultPath: "/",
          ignore: ["node_modules"],
        }),
        arg("registryPassword", optional(object("Secret"))),
      ]),
      functions: [
        fn(
          "smokeVerify",
          object("ReleaseReport"),
          [
            arg("candidate", string, { description: "Which one" }),
            arg("retries", { kind: "INTEGER", optional: false }, { defaultValue: "3" }),
            arg("ratio", optional({ kind: "FLOAT", optional: false })),
            arg("fast", optional({ kind: "BOOLEAN", optional: false })),
            arg("tags", optional(list(string))),
            arg("sizes", optional(list({ kind: "INTEGER", optional: false }))),
            arg(
              "colour",
              { kind: "ENUM", name: "ReleaseColour", optional: false },
              { defaultValue: '"RED"' },
            ),
            arg("platforms", optional(list({ kind: "SCALAR", name: "Platform", optional: false }))),
            arg("files", optional(list(object("File")))),
            arg("json", optional(string)),
          ],
          { description: "Verifies a candidate\n\nMore about it." },
        ),
        fn("build", object("Container")),
        fn("needsObject", string, [arg("report", object("ReleaseReport"))]),
        fn("again", object("Release")),
        fn("lint", { kind: "VOID", optional: false }, [], { isCheck: true, description: "Lints" }),
        fn("format", object("Changeset"), [], { isGenerator: true }),
        fn("tests", object("ReleaseTests")),
        fn("sha256Of", string, [arg("file", object("File"))]),
      ],
    },
    {
      ...named("ReleaseReport"),
      fields: [{ ...named("json"), type: string }],
      functions: [fn("logs", object("Directory"))],
    },
    {
      ...named("ReleaseTests"),
      fields: [],
      functions: [
        fn("unit", { kind: "VOID", optional: false }, [], { isCheck: true }),
        fn("withArgument", { kind: "VOID", optional: false }, [arg("x", string)], {
          isCheck: true,
        }),
        fn("back", object("Release")),
      ],
    },
  ],
};

/** Its commands. */
export const releaseGrammar = () =>
  moduleGrammar(releaseModule, buildSchema(readFileSync(schemaFile, "utf8")));
