import { command } from "../command.ts";
import { startRegistry } from "../registry.ts";
import { makeStack } from "../stack.ts";
import type { Suite } from "../suite.ts";

const SERVICES = ["backend", "frontend", "scraper"];

/** Three images to two registries that have them already. */
export const publishUnchanged: Suite = {
  name: "publish-unchanged",
  title: "Publish of an unchanged stack (3 images × 2 registries), against docker push × 6",
  runs: 5,
  setUp: async () => {
    const registries = await Promise.all([startRegistry(), startRegistry()]);
    const hosts = registries.map(({ host }) => host);
    const stack = await makeStack(hosts);
    await stack.call("publish", "summary");
    const refs = hosts.flatMap((host) => SERVICES.map((name) => `${host}/peer/${name}:bench`));
    for (const ref of refs) {
      const service = /\/([a-z]+):bench$/.exec(ref)?.[1] ?? "";
      await stack.call("build", "container", "--service", service, "export-image", "--name", ref);
      await command("docker", ["push", "--quiet", ref]);
    }
    return {
      ours: {
        name: "sluice call publish",
        run: async () => {
          await stack.call("publish", "summary");
        },
      },
      peer: {
        name: "docker push × 6, all at once",
        run: async () => {
          await Promise.all(refs.map((ref) => command("docker", ["push", "--quiet", ref])));
        },
      },
      tearDown: async () => {
        for (const ref of refs) await command("docker", ["rmi", ref]);
        await stack.remove();
        for (const registry of registries) await registry.stop();
      },
    };
  },
};
