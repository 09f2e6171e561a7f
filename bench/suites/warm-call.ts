import { join } from "node:path";
import { command, root, sluice } from "../command.ts";
import type { Suite } from "../suite.ts";

const MODULE = join(root, "test/conformance/fixtures/modules/values");

/** From start to a trivial function's result. */
export const warmCall: Suite = {
  name: "warm-call",
  title: "A trivial function: sluice call, against the start of one container",
  runs: 10,
  setUp: async () => ({
    ours: {
      name: "sluice call greet --to you",
      run: async () => {
        const args = ["--engine", "embedded", "call", "-s", "-m", MODULE, "greet", "--to", "you"];
        await command(sluice, args, { cwd: root });
      },
    },
    peer: {
      name: "docker run --rm busybox echo",
      run: async () => {
        await command("docker", ["run", "--rm", "busybox:1.37.0-musl", "echo", "hello you"]);
      },
    },
    tearDown: async () => undefined,
  }),
};
