import { createServer, type AddressInfo } from "node:net";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type DeploymentData, deploymentSchema } from "../../.dagger/src/deploy/model.ts";
import { comparisonSchema } from "../../.dagger/src/prove/compare-model.ts";
import { composeHost } from "../support/composeHost.ts";
import { deployedApp } from "../support/deployedApp.ts";
import { gatewayFront } from "../support/gatewayFront.ts";
import { outsideRegistry } from "../support/outsideRegistry.ts";
import { ReleaseRepository } from "../support/releaseRepository.ts";

/** A port that nothing listens on right now, followed by one. */
async function twoPorts(): Promise<number> {
  for (;;) {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const next = createServer();
    const free = await new Promise<boolean>((resolve) => {
      next.once("error", () => resolve(false));
      next.listen(port + 1, "127.0.0.1", () => resolve(true));
    });
    for (const one of [server, ...(free ? [next] : [])]) {
      await new Promise((resolve) => one.close(resolve));
    }
    if (free && (port + 1) % 10 !== 0) return port;
  }
}

test("a tag is deployed to numbered slots of a host over SSH, compared, and taken back when it fails", async () => {
  const registry = await outsideRegistry();
  onTestFinished(() => registry.stop());
  const host = await composeHost();
  const [hostName = "", port = ""] = (await gatewayFront(host.ssh.port)).split(":");
  // The last digit of a port is the slot's: {slot} stands for it in the URL.
  const first = Math.ceil((await twoPorts()) / 10) * 10;
  const url = (slot: number) => `http://127.0.0.1:${first + slot}`;
  for (const slot of [1, 2]) {
    await mkdir(join(host.directory, `slot-${slot}`), { recursive: true });
    await host.write(`slot-${slot}/host.env`, `BACKEND_PORT=${first + slot}\n`);
  }
  const repository = await ReleaseRepository.create({
    ...deployedApp("backend"),
    "compose.staging.yaml": [
      "services:",
      "  backend:",
      '    ports: !override ["127.0.0.1:${BACKEND_PORT}:8080"]',
      "    environment: [SLUICE_COMMIT, SLUICE_ENVIRONMENT, SLUICE_DEPLOYED_AT, SLOT]",
      "",
    ].join("\n"),
    "release.yaml": JSON.stringify({
      ...{ version: 1, name: host.name, registries: { hub: { address: `${registry.host}/shop` } } },
      services: {
        backend: { context: "backend", port: 8080, probe: { path: "/healthz", deadline: "60s" } },
      },
      channels: { staging: {} },
      targets: {
        live: {
          ...{ channel: "staging", version: {}, url: `http://127.0.0.1:${first / 10}{slot}` },
          probe: { path: "/healthz", deadline: "20s", stableFor: "1s" },
          compose: {
            ...{ host: { setting: "STAGING_HOST" }, directory: host.directory, slots: 2 },
            files: ["compose.staging.yaml"],
            maintenance: { on: ["touch", "maintenance.on"], off: ["rm", "-f", "maintenance.on"] },
          },
        },
      },
    }),
  });
  onTestFinished(() => repository.remove());
  const settings = {
    STAGING_HOST: `ssh://${host.ssh.user}@${hostName}:${port}`,
    DEPLOY_SSH_KEY: `"${host.ssh.key}"`,
    DEPLOY_KNOWN_HOSTS: host.ssh.knownHosts(`[${hostName}]:${port}`).trim(),
  };
  const env = {
    SETTINGS: Object.entries(settings)
      .map(([name, value]) => `${name}=${value}`)
      .join("\n"),
  };
  const run = ["--operator", "ann", "--settings-file", "env:SETTINGS"];
  const call = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await repository.run([...run, ...args], { env });
    if (code !== 0) throw new Error(`${args.join(" ")} exited ${code}:\n${stderr}`);
    return stdout;
  };
  const deployed = async (slot: number): Promise<DeploymentData> =>
    deploymentSchema.parse(
      JSON.parse(await call("deploy-compose", "--slot", String(slot), "json")),
    );
  const says = async (slot: number): Promise<string> =>
    ((await (await fetch(`${url(slot)}/api/version`)).json()) as { commit_sha: string }).commit_sha;
  const release = async (): Promise<string> => {
    await repository.call("publish", "promote", "--channel", "staging", "summary");
    return repository.head();
  };

  const one = await release();
  const refused = await repository.refused([...run, "deploy-compose", "summary"], { env });
  expect(refused.error).toContain("live has slots 1 to 2 [SLOT_INVALID]");
  const plan = await call("deploy-compose", "--slot", "1", "--dry-run", "summary");
  expect(plan).toContain(`live/1 would run ${one}`);
  expect(await host.containers(`${host.name}-live-1`)).toEqual([]);

  expect(await deployed(1)).toMatchObject({ target: "live/1", commit: one, url: url(1) });
  expect(await says(1)).toBe(one);

  // The next release goes to the other slot: both run beside each other, and are compared.
  await repository.commit("Go on", { "backend/index.html": "two" });
  const two = await release();
  expect(await deployed(2)).toMatchObject({ target: "live/2", commit: two });
  expect([await says(1), await says(2)]).toEqual([one, two]);
  const compared = comparisonSchema.parse(JSON.parse(await call("compare-versions", "json")));
  expect(compared.sameCommit).toBe(false);
  expect(compared.places.map(({ place, commit }) => [place, commit])).toEqual([
    ["live/1", one],
    ["live/2", two],
  ]);
  expect(await call("watch", "--slot", "2", "--duration", "1s", "summary")).toContain("✔");

  // A release that is healthy to Docker, and whose URL says something else.
  await repository.commit("Lie about the version", deployedApp("backend", { lies: true }));
  await release();
  const failed = await repository.refused([...run, "deploy-compose", "--slot", "2", "summary"], {
    env,
  });
  expect(failed.error).toMatch(/live\/2: .*\[VERSION_MISMATCH\]/);
  expect(failed.stderr).toContain(`it runs ${two.slice(0, 12)} again`);
  expect(failed.stderr).not.toContain("PRIVATE KEY");
  expect([await says(1), await says(2)]).toEqual([one, two]);
  expect((await host.files()).filter((path) => path.endsWith("maintenance.on"))).toEqual([]);
});
