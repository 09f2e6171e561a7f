import { z } from "zod";
import { SluiceError } from "../../core/error.ts";
import { record, type Node } from "../../core/node.ts";
import { field, plain, type Call, type TypeDefinition } from "../../api/define.ts";
import { Invocation } from "../invocation.ts";
import { errorArgument } from "./error.ts";

/** The call that the asking function runs for. */
export function invocationOf({ caller }: Call): Invocation {
  if (caller.functionCall instanceof Invocation) return caller.functionCall;
  throw new SluiceError("NO_FUNCTION_CALL", "no current module: not called from a function", {
    hint: "Only code of a module's function may ask this.",
  });
}

/** `dag.currentFunctionCall()` */
export const currentFunctionCallField = plain((_, call) => invocationOf(call).node);

type FunctionCallNode = Node & { invocation: Invocation };

export const functionCallFields: TypeDefinition<FunctionCallNode> = {
  name: plain(({ invocation }) => invocation.name),
  parentName: plain(({ invocation }) => invocation.parentName),
  parent: plain(({ invocation }) => JSON.stringify(invocation.parent)),
  inputArgs: plain(({ invocation }) =>
    Object.entries(invocation.inputs).map(([name, value]) =>
      record("FunctionCallArgValue", { name, value: JSON.stringify(value) }),
    ),
  ),
  returnValue: field({ value: z.string() }, ({ invocation }, args) => {
    invocation.succeed(JSON.parse(args.value));
    return null;
  }),
  returnError: field({ error: errorArgument }, ({ invocation }, args) => {
    invocation.fail(args.error);
    return null;
  }),
};
