import { write } from "../context.ts";
import { withModule } from "../engine/with-module.ts";
import { exitCode } from "../exit-code.ts";
import { callable, nextFunction } from "../grammar/chain.ts";
import { objectOf, type FunctionType, type Grammar, type ObjectType } from "../grammar/model.ts";
import { columns, firstLine } from "../help/layout.ts";
import { UsageError } from "../usage-error.ts";
import type { CommandRun } from "./command.ts";

/** `sluice functions [function]…`: what may follow the given chain. */
export const run: CommandRun = async ({ context, args }) =>
  withModule(context, async ({ grammar }) => {
    const object = endOf(grammar, args);
    const rows = callable(object).map((fn) => [fn.command, firstLine(fn.description)] as const);
    const { page } = context.out;
    if (rows.length === 0) {
      await write(context.err, "No functions found.\n");
      return exitCode.ok;
    }
    const lines = columns({ ...page, width: Infinity }, [["Name", "Description"], ...rows]);
    // Unlike in help, the table is all there is: no indent.
    const [head = "", ...body] = lines.map((line) => line.slice(2));
    await write(context.out, [page.bold(head), ...body].join("\n") + "\n");
    return exitCode.ok;
  });

function endOf(grammar: Grammar, args: readonly string[]): ObjectType | undefined {
  let fn: FunctionType = grammar.main;
  let command = "sluice functions";
  for (const word of args) {
    fn = nextFunction(grammar, fn, word, command);
    command += ` ${fn.command}`;
    if (!objectOf(grammar, fn.returns)) {
      throw new UsageError(
        `function ${JSON.stringify(word)} returns type ${JSON.stringify(fn.returns.kind)} with no further functions available`,
        "sluice functions",
      );
    }
  }
  return objectOf(grammar, fn.returns);
}
