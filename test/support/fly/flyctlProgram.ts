import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { scratch } from "../scratch.ts";

const main = fileURLToPath(new URL("flyctl/main.ts", import.meta.url));

/**
 * The stand-in for flyctl as one file that Node runs, made for the test: also to be put into an
 * image, under the name `flyctl`.
 */
export async function standInFlyctl(): Promise<string> {
  const outfile = join(await scratch(), "flyctl.mjs");
  await build({
    entryPoints: [main],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    banner: { js: "#!/usr/bin/env node" },
  });
  return outfile;
}
