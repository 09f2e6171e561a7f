import type { Chain, Step } from "../grammar/chain.ts";
import type { Grammar } from "../grammar/model.ts";
import {
  document,
  leafOf,
  pick,
  sourceOf,
  type Leaf,
  type Query,
  type Selection,
} from "./query.ts";

/** What a chain came to. */
export interface Outcome {
  value: unknown;
  leaf: Leaf;
}

/** Makes the objects that were given as arguments, all at once, then runs the chain as one query. */
export async function runChain(
  grammar: Grammar,
  chain: Chain,
  query: Query,
  output: string | undefined,
): Promise<Outcome> {
  const last = chain.steps.at(-1) as Step;
  const leaf = leafOf(grammar, last.fn.returns, output);
  const selections: Selection[] = await Promise.all(
    chain.steps.map(async ({ fn, args }) => ({
      field: fn.name,
      args: await Promise.all(
        args.map(async ({ arg, value }) => ({
          name: arg.name,
          text: await sourceOf(value, query),
        })),
      ),
    })),
  );
  if (leaf.kind !== "value") selections.push(leaf.selection);
  return { value: pick(await query(document(selections)), selections), leaf };
}
