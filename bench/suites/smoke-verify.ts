import { join } from "node:path";
import { command } from "../command.ts";
import { answers, startRegistry } from "../registry.ts";
import { makeStack } from "../stack.ts";
import type { Suite } from "../suite.ts";

const SERVICES = ["backend", "frontend", "scraper"];
const PORT = "18080";

/** The example stack booted, probed, its job run, and everything removed again. */
export const smokeVerify: Suite = {
  name: "smoke-verify",
  title: "Smoke verification of the example, against docker compose up --wait and a curl loop",
  runs: 5,
  setUp: async () => {
    const registry = await startRegistry();
    const stack = await makeStack([registry.host]);
    await stack.call("publish", "summary");
    for (const service of SERVICES) {
      const name = `chandlery/${service}:bench`;
      await stack.call("build", "container", "--service", service, "export-image", "--name", name);
    }
    const [file = "", ...words] = (process.env.COMPOSE ?? "docker compose").split(" ");
    const compose = (...args: string[]) =>
      command(
        file,
        [
          ...words,
          "--project-name",
          "sluice-bench",
          "-f",
          join(stack.dir, "compose.yaml"),
          ...args,
        ],
        { cwd: stack.dir, env: { TAG: "bench", PORT } },
      );
    await compose("version");
    return {
      ours: {
        name: "sluice call smoke-verify",
        run: async () => {
          await stack.call("smoke-verify", "summary");
        },
      },
      peer: {
        name: "compose up --wait, curl, run scraper, down",
        run: async () => {
          await compose("up", "--detach", "--wait", "backend", "frontend");
          await answers(`http://localhost:${PORT}/`);
          await answers(`http://localhost:${PORT}/api/version`);
          await compose("run", "--rm", "--no-deps", "scraper");
          await compose("--profile", "jobs", "down", "--volumes", "--timeout", "0");
        },
      },
      tearDown: async () => {
        await compose("--profile", "jobs", "down", "--volumes", "--timeout", "0");
        for (const service of SERVICES)
          await command("docker", ["rmi", `chandlery/${service}:bench`]);
        await stack.remove();
        await registry.stop();
      },
    };
  },
};
