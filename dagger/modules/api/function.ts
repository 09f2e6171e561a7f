import { z } from "zod";
import { field, plain, type TypeDefinition } from "../../api/define.ts";
import { documentation, sourceMapArgument, typeArgument } from "./arguments.ts";
import { Draft, type FunctionDraft, type FunctionNode } from "./drafts.ts";

/** `dag.function(name, returnType)`; the constructor's name is empty. */
export const functionField = field(
  { name: z.string(), returnType: typeArgument },
  (_, { name, returnType }) =>
    new Draft<"Function", FunctionDraft>("Function", {
      name,
      returns: returnType.value,
      description: "",
      args: [],
      cache: "default",
      isCheck: false,
      isGenerator: false,
      isUp: false,
    }),
);

const policies = { Default: "default", PerSession: "session", Never: "never" } as const;

export const functionFields: TypeDefinition<FunctionNode> = {
  name: plain((self) => self.value.name),
  description: plain((self) => self.value.description),
  withDescription: field({ description: z.string() }, (self, args) => self.with(args)),
  withDeprecated: field({ reason: z.string().default("") }, (self, args) =>
    self.with({ deprecated: args.reason }),
  ),
  withSourceMap: field({ sourceMap: sourceMapArgument }, (self, args) =>
    self.with({ source: args.sourceMap.value }),
  ),
  withArg: field(
    {
      name: z.string().min(1),
      typeDef: typeArgument,
      ...documentation,
      defaultValue: z.string().optional(),
      defaultPath: z.string().optional(),
      defaultAddress: z.string().optional(),
      ignore: z.array(z.string()).default([]),
    },
    (self, { typeDef, sourceMap, ...args }) => {
      const added = { ...args, type: typeDef.value, source: sourceMap?.value };
      return self.with({ args: [...self.value.args, added] });
    },
  ),
  withCachePolicy: field(
    { policy: z.enum(["Default", "PerSession", "Never"]), timeToLive: z.string().optional() },
    (self, args) => self.with({ cache: policies[args.policy], timeToLive: args.timeToLive }),
  ),
  withCheck: plain((self) => self.with({ isCheck: true })),
  withGenerator: plain((self) => self.with({ isGenerator: true })),
  withUp: plain((self) => self.with({ isUp: true })),
};
