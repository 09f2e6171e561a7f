import { engineVersion } from "../../api/query.ts";
import { write } from "../context.ts";
import { chooseEngine } from "../engine/choose.ts";
import { sluicePackage } from "../package-root.ts";
import type { CommandRun } from "./command.ts";

/** `sluice version` */
export const run: CommandRun = async ({ context }) => {
  const engine = chooseEngine(context.options.engine, context.env);
  const name =
    engine.kind === "dagger" ? engine.program : `embedded (API of Dagger ${engineVersion})`;
  await write(context.out, `sluice ${sluicePackage().version}\nengine: ${name}\n`);
  return 0;
};
