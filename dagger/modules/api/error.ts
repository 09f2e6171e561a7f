import { z } from "zod";
import { field, plain, type TypeDefinition } from "../../api/define.ts";
import { record } from "../../core/node.ts";
import { Draft } from "./drafts.ts";

/** What a function says when it fails: a message, and values that become error extensions. */
export type ErrorNode = Draft<
  "Error",
  { message: string; values: { name: string; value: string }[] }
>;

/** `dag.error(message)` */
export const errorField = field(
  { message: z.string() },
  (_, args): ErrorNode => new Draft("Error", { ...args, values: [] }),
);

export const errorFields: TypeDefinition<ErrorNode> = {
  message: plain((self) => self.value.message),
  values: plain((self) => self.value.values.map((value) => record("ErrorValue", value))),
  /** `value` is JSON text. */
  withValue: field({ name: z.string().min(1), value: z.string() }, (self, args) =>
    self.with({
      values: [...self.value.values.filter((value) => value.name !== args.name), args],
    }),
  ),
};

export const errorArgument = z.custom<ErrorNode>(
  (value) => value instanceof Draft && value.typeName === "Error",
  "expected the id of an Error",
);
