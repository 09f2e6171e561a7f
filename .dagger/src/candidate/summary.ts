import { shortDigest } from "../registry/digest.ts";
import { table } from "../report/table.ts";
import type { CandidateData } from "./model.ts";

/** A candidate for a terminal: digest and registries of each service. */
export function candidateSummary({ commit, services }: CandidateData): string {
  const rows = services.map(({ name, digest, refs }) => [
    name,
    shortDigest(digest),
    Object.keys(refs).join(", "),
  ]);
  return [`✔ candidate ${commit}`, ...table(rows).map((row) => `  ${row}`), ""].join("\n");
}
