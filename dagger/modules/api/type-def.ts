import { z } from "zod";
import { SluiceError } from "../../core/error.ts";
import { field, plain, type TypeDefinition } from "../../api/define.ts";
import { documentation, functionArgument, typeArgument } from "./arguments.ts";
import { Draft, type TypeDraft, type TypeNode } from "./drafts.ts";

const blank: TypeDraft = {
  kind: "VOID",
  name: "",
  description: "",
  optional: false,
  fields: [],
  functions: [],
  members: [],
};

/** `dag.typeDef()` */
export const typeDefField = plain(() => new Draft("TypeDef", blank));

/** The API takes `STRING_KIND` as well as `STRING`. */
const kind = z
  .string()
  .transform((name) => name.replace(/_KIND$/, ""))
  .pipe(
    z.enum([
      "STRING",
      "INTEGER",
      "FLOAT",
      "BOOLEAN",
      "VOID",
      "LIST",
      "OBJECT",
      "INTERFACE",
      "ENUM",
      "SCALAR",
      "INPUT",
    ]),
  );

function mustBe(self: TypeNode, ...kinds: TypeDraft["kind"][]): void {
  if (kinds.includes(self.value.kind)) return;
  throw new SluiceError(
    "WRONG_TYPE",
    `expected a type definition of kind ${kinds.join(" or ")}, got ${self.value.kind} ${self.value.name}`.trim(),
  );
}

const named = { name: z.string().min(1), ...documentation };

export const typeDefFields: TypeDefinition<TypeNode> = {
  name: plain((self) => self.value.name),
  kind: plain((self) => self.value.kind),
  optional: plain((self) => self.value.optional),
  withKind: field({ kind }, (self, args) => self.with(args)),
  withOptional: field({ optional: z.boolean() }, (self, args) => self.with(args)),
  withScalar: field(
    { name: z.string().min(1), description: z.string().default("") },
    (self, args) => self.with({ kind: "SCALAR", ...args }),
  ),
  withListOf: field({ elementType: typeArgument }, (self, args) =>
    self.with({ kind: "LIST", element: args.elementType.value }),
  ),
  withObject: field(named, (self, { sourceMap, ...args }) =>
    self.with({ kind: "OBJECT", ...args, source: sourceMap?.value }),
  ),
  withInterface: field(
    { name: named.name, description: named.description, sourceMap: named.sourceMap },
    (self, { sourceMap, ...args }) =>
      self.with({ kind: "INTERFACE", ...args, source: sourceMap?.value }),
  ),
  withEnum: field(
    { name: named.name, description: named.description, sourceMap: named.sourceMap },
    (self, { sourceMap, ...args }) =>
      self.with({ kind: "ENUM", ...args, source: sourceMap?.value }),
  ),
  withField: field({ ...named, typeDef: typeArgument }, (self, { sourceMap, typeDef, ...args }) => {
    mustBe(self, "OBJECT");
    const added = { ...args, type: typeDef.value, source: sourceMap?.value };
    return self.with({ fields: [...self.value.fields, added] });
  }),
  withFunction: field({ function: functionArgument }, (self, args) => {
    mustBe(self, "OBJECT", "INTERFACE");
    return self.with({ functions: [...self.value.functions, args.function.value] });
  }),
  withConstructor: field({ function: functionArgument }, (self, args) => {
    mustBe(self, "OBJECT");
    return self.with({ constructorFn: args.function.value });
  }),
  withEnumMember: field(
    { ...named, value: z.string().optional() },
    (self, { sourceMap, value, ...args }) => {
      mustBe(self, "ENUM");
      const added = { ...args, value: value ?? args.name, source: sourceMap?.value };
      return self.with({ members: [...self.value.members, added] });
    },
  ),
  withEnumValue: field(
    { ...documentation, value: z.string().min(1) },
    (self, { sourceMap, value, ...args }) => {
      mustBe(self, "ENUM");
      const added = { ...args, name: value, value, source: sourceMap?.value };
      return self.with({ members: [...self.value.members, added] });
    },
  ),
};
