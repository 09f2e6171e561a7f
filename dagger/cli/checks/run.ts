import { SluiceError } from "../../core/error.ts";
import { document, pick, type Query, type Selection } from "../call/query.ts";
import type { Found } from "./find.ts";

/**
 * Runs a check: it passes unless it throws. What it answers is synced, so a container's commands
 * run; a generator passes when it would change nothing.
 */
export async function runCheck(query: Query, main: Selection, check: Found): Promise<void> {
  const last = await evaluate(query, main, check);
  if (check.isCheck || typeof last !== "string") return;
  if (await isEmpty(query, last)) return;
  throw new SluiceError(
    "GENERATED_FILES_DIFFER",
    `generate function ${check.name} produced changes; run 'sluice generate ${check.name}' to apply`,
  );
}

/** The value at the end; an object's id. */
export async function evaluate(
  query: Query,
  main: Selection,
  { path, end }: Found,
): Promise<unknown> {
  const selections = [main, ...path.map((field) => ({ field, args: [] })), ...(end ? [end] : [])];
  return pick(await query(document(selections)), selections);
}

async function isEmpty(query: Query, id: string): Promise<boolean> {
  const data = await query(`{ node(id: ${JSON.stringify(id)}) { ... on Changeset { isEmpty } } }`);
  return (data as { node: { isEmpty: boolean } }).node.isEmpty;
}
