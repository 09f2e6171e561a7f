import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { registryPeers } from "../../test/support/registryPeers.ts";
import { seedImage, startRegistry } from "../../test/support/registryProcess.ts";
import { command, root, sluice } from "../command.ts";
import type { Suite } from "../suite.ts";

const SERVICES = Array.from({ length: 50 }, (_, index) => `service-${index}`);
/** Processes of a program that can ask for one tag in each. */
const AT_ONCE = 8;

/** What a channel of 50 services holds in two registries: 100 tags. */
export const status: Suite = {
  name: "status",
  title: "Status of 50 services × 2 registries, against crane digest × 100",
  runs: 5,
  setUp: async () => {
    const crane = (await registryPeers()).find(({ name }) => name === "crane");
    if (!crane) throw new Error("status needs crane: set SLUICE_TEST_TOOLS to have it built");
    const registries = await Promise.all([startRegistry(), startRegistry()]);
    const dir = await mkdtemp(join(tmpdir(), "sluice-bench-"));
    await writeFile(join(dir, "release.yaml"), pipelineOn(registries.map(({ host }) => host)));
    const refs: string[] = [];
    for (const { origin, host } of registries) {
      for (const name of SERVICES) {
        await seedImage(origin, `shop/${name}`, name, "prod");
        refs.push(`${host}/shop/${name}:prod`);
      }
    }
    return {
      ours: {
        name: "sluice call status",
        run: async () => {
          const args = ["--engine", "embedded", "call", "-s", "--source", dir, "status", "json"];
          await command(sluice, args, { cwd: root });
        },
      },
      peer: {
        name: `crane digest × 100, ${AT_ONCE} at a time`,
        run: async () => {
          const waiting = [...refs];
          await Promise.all(
            Array.from({ length: AT_ONCE }, async () => {
              for (let next; (next = waiting.shift());) await command(crane.file, ["digest", next]);
            }),
          );
        },
      },
      tearDown: async () => {
        for (const registry of registries) await registry.stop();
        await rm(dir, { recursive: true });
      },
    };
  },
};

function pipelineOn(hosts: readonly string[]): string {
  return JSON.stringify({
    version: 1,
    name: "shop",
    services: Object.fromEntries(
      SERVICES.map((name) => [name, { context: ".", port: 80, probe: { path: "/" } }]),
    ),
    registries: Object.fromEntries(
      hosts.map((host, index) => [`r${index}`, { address: `${host}/shop` }]),
    ),
    channels: { prod: {} },
  });
}
