import { z } from "zod";
import { Progress } from "../../core/progress.ts";
import { sourceOf, type Query } from "../call/query.ts";
import type { CheckBench } from "../checks/bench.ts";
import type { Found } from "../checks/find.ts";
import type { Context } from "../context.ts";
import { interruptible } from "../interrupt.ts";
import { progressView } from "../progress/choose.ts";
import { daggerSession } from "./dagger-session.ts";
import { locateModule } from "./locate-module.ts";

const listed = z.array(
  z.object({ name: z.string(), description: z.string(), path: z.array(z.string()) }),
);
const ownModule = z.object({
  moduleSource: z.object({
    asModule: z.object({
      checks: z.object({ list: listed }),
      generators: z.object({ list: listed }),
      objects: z.array(
        z.object({
          asObject: z.object({
            name: z.string(),
            constructor: z
              .object({
                args: z.array(z.object({ name: z.string(), ignore: z.array(z.string()) })),
              })
              .nullable(),
          }),
        }),
      ),
    }),
  }),
});

/**
 * Runs `work` with the checks and generators of Sluice's own module on an engine of Dagger's, whose
 * own `check` and `generate` would show the module no other repository than the one it lies in.
 */
export async function withOwnModule<T>(
  context: Context,
  program: string,
  work: (bench: CheckBench) => Promise<T>,
): Promise<T> {
  const { cwd, err, options } = context;
  const { dir, project = dir } = locateModule(cwd, options.mod);
  const progress = new Progress((text) => text);
  const { colors, stream: stderr } = err;
  const view = progressView({
    ...{ mode: options.progress, verbosity: options.verbosity, colors, stderr },
  });
  progress.listen((event) => view.show(event));
  const session = daggerSession(program, cwd);
  const stop = async () => {
    view.stop();
    await session.close();
  };
  return interruptible(async () => {
    try {
      const load = progress.task("load module sluice", () => loaded(session.query, dir));
      const { functions, ignore } = await load;
      const main = async () => {
        const source = {
          kind: "object",
          type: "Directory",
          address: project,
          exclude: ignore,
        } as const;
        return {
          field: "sluice",
          args: [{ name: "source", text: await sourceOf(source, session.query) }],
        };
      };
      const query: Query = (source) => progress.task(taskOf(source), () => session.query(source));
      return await work({ query, view, project, functions, main });
    } finally {
      await stop();
    }
  }, stop);
}

/** `Sluice.generateCompose`, from a query for it. */
function taskOf(source: string): string {
  const [main = "", ...fields] = source.replaceAll(/\([^)]*\)|\.{3} on/g, "").match(/\w+/g) ?? [];
  return main === "sluice" ? `Sluice.${fields[0] ?? ""}` : "look at changes";
}

/** Serves the module in the session. Answers what it has, and what its source leaves out. */
async function loaded(query: Query, dir: string) {
  const source = `moduleSource(refString: ${JSON.stringify(dir)})`;
  const entry = "list { name description path }";
  const own = ownModule.parse(
    await query(
      `{ ${source} { asModule { checks(noGenerate: true) { ${entry} } generators { ${entry} }
        objects { asObject { name constructor { args { name ignore } } } } } } }`,
    ),
  ).moduleSource.asModule;
  await query(`{ ${source} { asModule { serve } } }`);
  const checks = own.checks.list.map((item): Found => ({
    ...item,
    isCheck: true,
    isGenerator: false,
  }));
  const generators = own.generators.list.map((item): Found => ({
    ...item,
    isCheck: false,
    isGenerator: true,
    end: { field: "sync", args: [] },
  }));
  const functions = [...checks, ...generators].sort((a, b) => (a.name < b.name ? -1 : 1));
  const main = own.objects.find(({ asObject }) => asObject.name === "Sluice")?.asObject;
  const args = main?.constructor?.args ?? [];
  return { functions, ignore: args.find(({ name }) => name === "source")?.ignore ?? [] };
}
