import type { LedgerRecord } from "./model.ts";

/** What every record says alike: whose it is, who writes it, and when. */
export function stamp({
  pipeline,
  operator,
}: {
  pipeline: { readonly name: string };
  operator: string;
}): Pick<LedgerRecord, "version" | "pipeline" | "at" | "by"> {
  return { version: 1, pipeline: pipeline.name, at: new Date().toISOString(), by: operator };
}
