import { z } from "zod";
import { label, repository } from "./names.ts";

/** Where records of releases are kept. */
export const ledger = z
  .strictObject({
    registry: label.optional().describe("Registry that holds it. Default: the first one."),
    repository: repository
      .optional()
      .describe(
        "Repository below the registry's address. Default: the name of the pipeline with -ledger.",
      ),
  })
  .describe("Where candidates, verifications and promotions are recorded.");
