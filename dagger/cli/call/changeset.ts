import { createInterface } from "node:readline/promises";
import { z } from "zod";
import { SluiceError } from "../../core/error.ts";
import { write, type Context } from "../context.ts";
import type { Bench } from "../engine/bench.ts";
import { exitCode } from "../exit-code.ts";
import type { Query } from "./query.ts";

const paths = z.array(z.string());
const summary = z.object({
  node: z.object({ addedPaths: paths, modifiedPaths: paths, removedPaths: paths }),
});
const merged = z.object({
  changeset: z.object({ withChangesets: z.object({ sync: z.string() }) }),
});

/**
 * Shows what changesets would do to the files in `target` and does it, once confirmed: by `-y` or
 * at the terminal. Several are merged; a conflict is an error. Throws `CONFIRMATION_NEEDED`.
 */
export async function applyChangeset(
  context: Context,
  { query, view }: Pick<Bench, "query" | "view">,
  ids: readonly string[],
  { autoApply, target }: { autoApply: boolean; target: string },
): Promise<number> {
  const id = await mergedId(query, ids);
  const lines = id === undefined ? [] : await summaryOf(query, id);
  view.stop();
  if (id === undefined || lines.length === 0) {
    await write(context.err, "No changes to apply.\n");
    return exitCode.ok;
  }
  await write(context.err, lines.map((line) => `${line}\n`).join(""));
  if (!autoApply && !(await confirmed(context))) {
    await write(context.err, "Discarded.\n");
    return exitCode.ok;
  }
  const path = JSON.stringify(target);
  await query(`{ node(id: ${JSON.stringify(id)}) { ... on Changeset { export(path: ${path}) } } }`);
  await write(context.err, `Applied ${lines.length} change(s) to ${target}.\n`);
  return exitCode.ok;
}

async function mergedId(query: Query, ids: readonly string[]): Promise<string | undefined> {
  if (ids.length < 2) return ids[0];
  const args = `changes: ${JSON.stringify(ids)}, onConflict: FAIL_EARLY`;
  const data = await query(`{ changeset { withChangesets(${args}) { sync } } }`);
  return merged.parse(data).changeset.withChangesets.sync;
}

async function summaryOf(query: Query, id: string): Promise<string[]> {
  const fields = "addedPaths modifiedPaths removedPaths";
  const data = await query(
    `{ node(id: ${JSON.stringify(id)}) { ... on Changeset { ${fields} } } }`,
  );
  const { addedPaths, modifiedPaths, removedPaths } = summary.parse(data).node;
  return [
    ...addedPaths.map((path) => ({ mark: "+", path })),
    ...modifiedPaths.map((path) => ({ mark: "~", path })),
    ...removedPaths.map((path) => ({ mark: "-", path })),
  ]
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ mark, path }) => `${mark} ${path}`);
}

async function confirmed(context: Context): Promise<boolean> {
  if (!process.stdin.isTTY || !context.err.stream.isTTY) {
    throw new SluiceError(
      "CONFIRMATION_NEEDED",
      "nothing was changed: there is no terminal to confirm the changes on",
      { hint: "Run it again with --auto-apply (-y)." },
    );
  }
  const prompt = createInterface({ input: process.stdin, output: context.err.stream });
  try {
    const answer = await prompt.question("Apply changes? [y/N] ");
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    prompt.close();
  }
}
