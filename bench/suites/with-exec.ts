import { join } from "node:path";
import { command, root, sluice } from "../command.ts";
import type { Suite } from "../suite.ts";

const COUNT = 20;
const PROGRAM = join(root, "bench/programs/chain.mjs");

/** 20 commands in a row, each on the file system that the one before left. */
export const withExec: Suite = {
  name: "with-exec",
  title: `${COUNT} chained withExec, against ${COUNT} docker run (which keep no file system)`,
  runs: 5,
  setUp: async () => ({
    ours: {
      name: `sluice run: withExec × ${COUNT}`,
      run: async () => {
        const args = ["--engine", "embedded", "run", "-s", "node", PROGRAM, String(COUNT)];
        await command(sluice, args, { cwd: root });
      },
    },
    peer: {
      name: `docker run --rm × ${COUNT}`,
      run: async () => {
        for (let index = 0; index < COUNT; index++) {
          await command("docker", ["run", "--rm", "busybox:1.37.0-musl", "true"]);
        }
      },
    },
    tearDown: async () => undefined,
  }),
};
