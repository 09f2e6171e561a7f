import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { composeHost, deployerOn, wantedOf } from "../support/composeHost.ts";
import { composeImages } from "../support/composeImages.ts";
import { scratch } from "../support/scratch.ts";

const run = promisify(execFile);
const images = composeImages();

describe.skipIf(process.getuid?.() !== 0)("a disk of a host (mounted by root)", () => {
  /** A file system of its own, for as long as the body runs. */
  async function mounted(options: string, body: (path: string) => Promise<void>): Promise<void> {
    const path = await scratch();
    await run("mount", ["-t", "tmpfs", "-o", options, "tmpfs", path]);
    try {
      await body(path);
    } finally {
      await run("umount", ["--lazy", path]);
    }
  }

  it("is told before anything is changed", () =>
    mounted("size=512k", async (path) => {
      const host = await composeHost({ directory: path });
      const one = await images.image("backend", "1");
      const deployer = deployerOn({ host, address: images.address });
      for (const failure of [
        await deployer.plan(wantedOf("1", [one])).catch(String),
        await deployer.deploy(wantedOf("1", [one])).catch(String),
      ]) {
        expect(failure).toContain(
          "is full; nothing that runs there was changed [COMPOSE_HOST_FULL]",
        );
        expect(failure).toContain(`${path} has 512 KiB left`);
      }
      expect(await host.files()).toEqual([]);
      expect(await host.containers()).toEqual([]);
    }));

  it("is read-only", () =>
    mounted("ro", async (path) => {
      const host = await composeHost({ directory: path });
      const one = await images.image("backend", "1");
      const deployer = deployerOn({ host, address: images.address });
      for (const failure of [
        await deployer.plan(wantedOf("1", [one])).catch(String),
        await deployer.deploy(wantedOf("1", [one])).catch(String),
      ]) {
        expect(failure).toContain(
          `${host.ssh.user} may not write to ${path} on ssh://${host.ssh.user}@127.0.0.1:${host.ssh.port} [COMPOSE_HOST_DENIED]`,
        );
      }
      expect(await host.containers()).toEqual([]);
    }));

  it("fills up while its files are written", () =>
    mounted("size=8m,nr_inodes=9", async (path) => {
      const host = await composeHost({ directory: path });
      const one = await images.image("backend", "1");
      const deployer = deployerOn({ host, address: images.address });
      const failure = await deployer.deploy(wantedOf("1", [one])).catch(String);
      expect(failure).toContain("[COMPOSE_HOST_FULL]");
      expect(failure).toContain("No space left on device");
      expect(await host.read(".sluice/current/releases")).toBeUndefined();
      expect(await host.containers()).toEqual([]);
    }));
});
