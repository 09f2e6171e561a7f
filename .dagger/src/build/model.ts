import { z } from "zod";

/** What `build` made: plain data. */
export const buildSchema = z.strictObject({
  version: z.literal(1),
  commit: z.string(),
  /** True when the files differed from the commit. Such a build can't be published. */
  dirty: z.boolean(),
  labels: z.record(z.string(), z.string()),
  services: z.array(z.strictObject({ name: z.string(), platforms: z.array(z.string()) })),
});

/** What `build` made. */
export type BuildData = z.infer<typeof buildSchema>;
