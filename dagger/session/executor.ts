import {
  execute,
  getNamedType,
  GraphQLError,
  parse,
  validate,
  type ExecutionResult,
  type GraphQLArgument,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
} from "graphql";
import { z } from "zod";
import type { Api, Call, FieldDefinition } from "../api/define.ts";
import { isEnvironmentError, SluiceError } from "../core/error.ts";
import { isNode, isRecord, record, type Node } from "../core/node.ts";

export type { Api } from "../api/define.ts";

const engine = "the embedded engine";

/** Runs one GraphQL document. Never throws: what goes wrong is in `errors`. */
export async function run(
  api: Api,
  source: string,
  variables: Record<string, unknown> | undefined,
  call: Call,
): Promise<ExecutionResult> {
  try {
    const document = parse(source, { noLocation: true });
    const errors = validate(api.schema, document, undefined, { maxErrors: 5 });
    if (errors.length > 0) {
      return {
        errors: errors.map(
          (error) =>
            new GraphQLError(error.message, { extensions: { code: "GRAPHQL_VALIDATION_FAILED" } }),
        ),
      };
    }
    const result = await execute({
      schema: api.schema,
      document,
      rootValue: record("Query", {}),
      contextValue: call,
      variableValues: variables,
      fieldResolver: (parent: unknown, args: Record<string, unknown>, context: Call, info) =>
        resolveField(api, parent, args, context, info),
      typeResolver: (value) => (isNode(value) ? value.typeName : undefined),
    });
    return { ...result, errors: result.errors?.map((error) => present(error, call)) };
  } catch (error) {
    return { errors: [present(error, call)] };
  }
}

async function resolveField(
  api: Api,
  parent: unknown,
  args: Record<string, unknown>,
  call: Call,
  info: GraphQLResolveInfo,
): Promise<unknown> {
  const { fieldName, parentType } = info;
  const self = parent as Node;
  if (fieldName === "id") return call.session.idOf(self);
  if (parentType.name === "Query") {
    if (fieldName === "node") return call.session.load(String(args.id));
    const loaded = /^load(\w+)FromID$/.exec(fieldName);
    if (loaded) return expectType(call.session.load(String(args.id)), loaded[1] as string);
  }
  const definition = api.types.get(parentType.name)?.[fieldName] as
    FieldDefinition<Node> | undefined;
  if (!definition) {
    if (isRecord(self) && fieldName in self.fields) return self.fields[fieldName];
    throw new SluiceError(
      "UNSUPPORTED_FIELD",
      `${parentType.name}.${fieldName} is not supported by ${engine}`,
      {
        hint: "Run it with `--engine dagger`, or see docs/engine.md for what is supported.",
      },
    );
  }
  const given = parseArguments(parentType, fieldName, definition, args, call);
  const result = await definition.run(self, given, call);
  // `sync`, `start` and their like answer the id of an object.
  const type = getNamedType(info.returnType);
  return type.name === "ID" && isNode(result) ? call.session.idOf(result) : result;
}

function parseArguments(
  parent: GraphQLObjectType,
  fieldName: string,
  definition: FieldDefinition<Node>,
  args: Record<string, unknown>,
  call: Call,
): Record<string, unknown> {
  const path = `${parent.name}.${fieldName}`;
  const known = new Map(parent.getFields()[fieldName]?.args.map((arg) => [arg.name, arg]));
  const given: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(args)) {
    if (value === null || value === undefined) continue;
    if (!(name in definition.args.shape)) {
      // Leaving an option at its neutral value asks for nothing.
      if (value === false || value === "" || (Array.isArray(value) && value.length === 0)) continue;
      throw new SluiceError(
        "UNSUPPORTED_ARGUMENT",
        `${path}: argument "${name}" is not supported by ${engine}`,
        {
          hint: "Run it with `--engine dagger`, or leave the argument out.",
        },
      );
    }
    given[name] = loadIds(known.get(name), value, call);
  }
  const parsed = definition.args.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new SluiceError("INVALID_ARGUMENT", `${path}: ${z.prettifyError(parsed.error)}`);
}

/** Replaces ids by the objects they stand for. */
function loadIds(arg: GraphQLArgument | undefined, value: unknown, call: Call): unknown {
  if (!arg || getNamedType(arg.type).name !== "ID") return value;
  const load = (id: unknown): unknown =>
    Array.isArray(id) ? id.map(load) : call.session.load(String(id));
  return load(value);
}

function expectType(node: Node, typeName: string): Node {
  if (node.typeName === typeName) return node;
  throw new SluiceError(
    "WRONG_TYPE",
    `expected the id of a ${typeName}, got that of a ${node.typeName}`,
  );
}

/** The real engine's error shape: message, path and extensions; secrets scrubbed from all of them. */
function present(error: unknown, call: Call): GraphQLError {
  const scrub = (text: string) => call.session.scrubber.scrub(text);
  const outer = error instanceof GraphQLError ? error : undefined;
  const cause = outer?.originalError ?? error;
  const message = cause instanceof Error ? cause.message : String(cause);
  const extensions: Record<string, unknown> = {};
  if (cause instanceof SluiceError) {
    if (isEnvironmentError(cause)) call.session.environmentError = cause;
    extensions.code = cause.code;
    if (cause.options.hint) extensions.hint = cause.options.hint;
    Object.assign(extensions, cause.options.extensions);
  } else if (outer?.extensions) {
    Object.assign(extensions, outer.extensions);
  }
  return new GraphQLError(scrub(message), {
    path: outer?.path,
    extensions: JSON.parse(scrub(JSON.stringify(extensions))) as Record<string, unknown>,
    originalError: cause instanceof Error ? cause : undefined,
  });
}
