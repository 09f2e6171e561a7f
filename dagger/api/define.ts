import type { GraphQLSchema } from "graphql";
import { z } from "zod";
import type { Session } from "../core/session.ts";
import type { Caller } from "../core/caller.ts";

/** Who asks, and in which session. */
export interface Call {
  session: Session;
  caller: Caller;
  /** Aborted when the client hangs up before it has its answer. */
  signal: AbortSignal;
}

/**
 * One field of an API type. `args` lists the arguments that the engine honours: any other argument
 * that Dagger's schema knows is refused by name, so nothing is silently ignored.
 */
export interface FieldDefinition<Self> {
  args: z.ZodObject;
  run(self: Self, args: Record<string, unknown>, call: Call): unknown;
}

export type TypeDefinition<Self> = Record<string, FieldDefinition<Self>>;

/**
 * Object-valued arguments arrive as the object itself (the executor looks ids up), so
 * `z.instanceof(Directory)` both types and checks them. An argument left out or null is absent.
 */
export function field<Self, Shape extends z.ZodRawShape>(
  args: Shape,
  run: (self: Self, args: z.output<z.ZodObject<Shape>>, call: Call) => unknown,
): FieldDefinition<Self> {
  return { args: z.strictObject(args), run: run };
}

/** Field without arguments. */
export function plain<Self>(run: (self: Self, call: Call) => unknown): FieldDefinition<Self> {
  return { args: z.strictObject({}), run: (self, _args, call) => run(self, call) };
}

/** Types by GraphQL name; modules add theirs while the session runs. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each type has its own Self; the executor pairs them by name
export type Types = Map<string, TypeDefinition<any>>;

/** The API as served now: Dagger's own types plus those of the modules loaded so far. */
export interface Api {
  schema: GraphQLSchema;
  types: Types;
}
