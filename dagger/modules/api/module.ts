import { z } from "zod";
import { field, plain, type TypeDefinition } from "../../api/define.ts";
import { typeArgument } from "./arguments.ts";
import { Draft, type ModuleDraft, type ModuleNode, type SourceMapNode } from "./drafts.ts";

/** `dag.module()`: an empty module, which an SDK fills with types. */
export const moduleField = plain(
  () =>
    new Draft<"Module", ModuleDraft>("Module", {
      description: "",
      objects: [],
      interfaces: [],
      enums: [],
    }),
);

export const moduleFields: TypeDefinition<ModuleNode> = {
  description: plain((self) => self.value.description),
  withDescription: field({ description: z.string() }, (self, args) => self.with(args)),
  withObject: field({ object: typeArgument }, (self, args) =>
    self.with({ objects: [...self.value.objects, args.object.value] }),
  ),
  withInterface: field({ iface: typeArgument }, (self, args) =>
    self.with({ interfaces: [...self.value.interfaces, args.iface.value] }),
  ),
  withEnum: field({ enum: typeArgument }, (self, args) =>
    self.with({ enums: [...self.value.enums, args.enum.value] }),
  ),
};

/** `dag.sourceMap(filename, line, column)` */
export const sourceMapField = field(
  { filename: z.string(), line: z.number(), column: z.number() },
  (_, { filename, line, column }) => new Draft("SourceMap", { file: filename, line, column }),
);

export const sourceMapFields: TypeDefinition<SourceMapNode> = {
  filename: plain((self) => self.value.file),
  line: plain((self) => self.value.line),
  column: plain((self) => self.value.column),
};
