import { z } from "zod";
import { variableName } from "./names.ts";
import { line } from "./values.ts";

/** A value that is written down, or given under a name: nothing of an organisation's need be in the file. */
export const given = z.union([
  line.transform((text) => ({ text })),
  z.strictObject({
    setting: variableName.describe("Name of the setting that gives it (--with-setting)."),
  }),
]);
