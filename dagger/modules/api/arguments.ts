import { z } from "zod";
import { isNode } from "../../core/node.ts";
import { Draft, type FunctionNode, type SourceMapNode, type TypeNode } from "./drafts.ts";

/** Arguments that the registration fields share. */
const draft = <Node>(typeName: string) =>
  z.custom<Node>(
    (value) => value instanceof Draft && isNode(value) && value.typeName === typeName,
    `expected the id of a ${typeName}`,
  );

export const typeArgument = draft<TypeNode>("TypeDef");
export const functionArgument = draft<FunctionNode>("Function");
export const sourceMapArgument = draft<SourceMapNode>("SourceMap");

export const documentation = {
  description: z.string().default(""),
  deprecated: z.string().optional(),
  sourceMap: sourceMapArgument.optional(),
};
