import {
  execute,
  getOperationAST,
  GraphQLError,
  parse,
  validate,
  type DocumentNode,
  type GraphQLFieldResolver,
} from "graphql";
import { resolvers, type Asking } from "./graphql-discussions.ts";
import { shownError, TypedError } from "./graphql-error.ts";
import { githubSchema } from "./graphql-schema.ts";
import type { ForumState } from "./graphql-state.ts";
import type { GraphqlHandler } from "./options.ts";

/**
 * Answers GraphQL as GitHub does: requests are held to GitHub's own schema, and a field that the
 * stand-in does not know is an error, which `violations` tells of, too.
 */
export function graphqlHandler(state: ForumState): GraphqlHandler {
  return async ({ query, variables }, context) => {
    const document = documentOf(query);
    if (document instanceof GraphQLError) return refused(state, [document]);
    const faults = validate(githubSchema(), document);
    if (faults.length > 0) return refused(state, faults);
    const operation = getOperationAST(document)?.name?.value ?? "";
    state.operations.push(operation);
    state.before(operation);
    const at = state.faults.findIndex(({ on }) => on === operation);
    const [fault] = at < 0 ? [] : state.faults.splice(at, 1);
    if (fault && !fault.applied) return { data: null, errors: [fault.error] };
    const { data, errors } = await execute({
      schema: githubSchema(),
      document,
      variableValues: variables,
      contextValue: { ...context, state } satisfies Asking,
      fieldResolver,
    });
    if (fault) return { data: null, errors: [fault.error] };
    return errors ? { data, errors: errors.map(shownError) } : { data };
  };
}

const fieldResolver: GraphQLFieldResolver<unknown, Asking> = (source, args, asking, info) => {
  const { parentType, fieldName } = info;
  const resolver = resolvers[parentType.name]?.[fieldName];
  if (resolver) return resolver(source as never, args as never, asking);
  const fields = (source ?? {}) as Record<string, unknown>;
  if (Object.hasOwn(fields, fieldName)) return fields[fieldName];
  const message = `the stand-in has no ${parentType.name}.${fieldName}`;
  asking.state.violations.push(message);
  throw new TypedError(undefined, message);
};

function documentOf(query: string): DocumentNode | GraphQLError {
  try {
    return parse(query);
  } catch (error) {
    return error as GraphQLError;
  }
}

function refused(state: ForumState, errors: readonly GraphQLError[]): object {
  state.violations.push(...errors.map(({ message }) => message));
  return { errors: errors.map(shownError) };
}
