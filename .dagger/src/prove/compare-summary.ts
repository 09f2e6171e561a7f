import { table } from "../report/table.ts";
import type { Comparison } from "./compare-model.ts";

/** The comparison for a terminal: the verdict, a column for each place, `≠` where they differ. */
export function comparisonSummary({ reason, sameCommit, places, rows }: Comparison): string {
  return [
    `${sameCommit ? "=" : "≠"} ${reason}`,
    ...table([
      ["", "", ...places.map(({ place }) => place)],
      ...rows.map(({ name, values, differs }) => [
        differs ? "≠" : "=",
        name,
        ...values.map((value) => value ?? "–"),
      ]),
    ]).map((line) => `  ${line}`),
    ...places.flatMap(({ place, error }) => (error === null ? [] : [`  ✖ ${place}: ${error}`])),
    "",
  ].join("\n");
}
