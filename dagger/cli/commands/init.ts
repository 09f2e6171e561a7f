import { execFile } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { SluiceError } from "../../core/error.ts";
import { runChain } from "../call/run-chain.ts";
import { write, type Context } from "../context.ts";
import { chooseEngine } from "../engine/choose.ts";
import { withModule } from "../engine/with-module.ts";
import { exitCode } from "../exit-code.ts";
import { readChain } from "../grammar/chain.ts";
import { isOn } from "../grammar/flags.ts";
import { sluicePackage } from "../package-root.ts";
import { UsageError } from "../usage-error.ts";
import type { CommandRun } from "./command.ts";

const fileName = "release.yaml";

/** `sluice init [directory]`: what Sluice's own module makes of what it finds there. */
export const run: CommandRun = async ({ context, values, args }) => {
  if (args.length > 1)
    throw new UsageError(`accepts at most 1 arg(s), received ${args.length}`, "sluice init");
  const dir = resolve(context.cwd, args[0] ?? ".");
  if (!statSync(dir, { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError(`${dir} is not a directory`, "sluice init");
  const target = join(dir, fileName);
  const dryRun = isOn({ values }, "dry-run");
  if (existsSync(target) && !dryRun && !isOn({ values }, "force")) {
    throw new SluiceError("FILE_EXISTS", `${target} exists already, and was left as it is`, {
      hint: "Look at what would be written with --dry-run; overwrite with --force.",
    });
  }
  const text = await firstPipeline(context, dir);
  if (dryRun) {
    await write(context.out, text);
    return exitCode.ok;
  }
  await writeFile(target, text);
  await write(context.err, `Wrote ${target}. Read it, then try \`sluice call build\`.\n`);
  return exitCode.ok;
};

async function firstPipeline(context: Context, dir: string): Promise<string> {
  const engine = chooseEngine(context.options.engine, context.env);
  const chain = ["--source", dir, "init", "contents"];
  if (engine.kind === "dagger") {
    const own = sluicePackage().dir;
    const { stdout } = await promisify(execFile)(
      engine.program,
      ["call", "-s", "-m", own, ...chain],
      { maxBuffer: 64 * 1024 * 1024 },
    );
    return stdout;
  }
  const own = { ...context, options: { ...context.options, mod: "sluice" } };
  return withModule(own, async ({ grammar, query }) => {
    const { value } = await runChain(grammar, readChain(grammar, chain, []), query, undefined);
    return z.string().parse(value);
  });
}
