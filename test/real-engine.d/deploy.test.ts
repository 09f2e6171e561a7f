import { createServer, type AddressInfo } from "node:net";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { composeHost } from "../support/composeHost.ts";
import { deployedApp } from "../support/deployedApp.ts";
import { ReleaseRepository } from "../support/releaseRepository.ts";
import { printed, sluice } from "./support/engine.ts";
import { front, hostAddress } from "./support/front.ts";
import { trustedRegistry } from "./support/registry.ts";
import { folder } from "./support/repository.ts";

/** A port of an address that nothing listens on right now. */
async function freePort(address: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test("a Compose host is deployed to, looked at by a browser, watched, compared, and taken back", async () => {
  const registry = await trustedRegistry();
  const host = await composeHost();
  const [address, sshPort] = [await hostAddress(), await front(host.ssh.port)];
  const port = await freePort(address);
  const url = `http://${address}:${port}`;
  const repository = await ReleaseRepository.create({
    ...deployedApp("backend"),
    "compose.live.yaml": [
      "services:",
      "  backend:",
      `    ports: !override ["${address}:${port}:8080"]`,
      "    environment: [SLUICE_COMMIT, SLUICE_ENVIRONMENT, SLUICE_DEPLOYED_AT]",
      "",
    ].join("\n"),
    "release.yaml": JSON.stringify({
      ...{ version: 1, name: host.name },
      registries: { hub: { address: `${registry.host}/${host.name}` } },
      services: {
        backend: { context: "backend", port: 8080, probe: { path: "/healthz", deadline: "60s" } },
      },
      channels: { live: {} },
      targets: {
        live: {
          ...{ channel: "live", version: {}, url },
          probe: { path: "/healthz", deadline: "30s", stableFor: "1s" },
          pages: [{ path: "/index.html", text: "Welcome to backend" }],
          compose: {
            ...{ host: { setting: "LIVE_HOST" }, directory: host.directory },
            files: ["compose.live.yaml"],
          },
        },
      },
    }),
  });
  onTestFinished(() => repository.remove());
  const settings = {
    LIVE_HOST: `ssh://${host.ssh.user}@${address}:${sshPort}`,
    DEPLOY_SSH_KEY: `"${host.ssh.key}"`,
    DEPLOY_KNOWN_HOSTS: host.ssh.knownHosts(`[${address}]:${sshPort}`).trim(),
    // As short as settings are: what is printed must not suffer by it.
    REPLICAS: "1",
  };
  const env = {
    SETTINGS: Object.entries(settings)
      .map(([name, value]) => `${name}=${value}`)
      .join("\n"),
    NODE_EXTRA_CA_CERTS: registry.authority,
  };
  const call = (...args: string[]) =>
    printed(
      sluice(["call", "--operator", "ann", "--settings-file", "env:SETTINGS", ...args], {
        cwd: repository.dir,
        env,
      }),
    );
  const says = async () =>
    ((await (await fetch(`${url}/api/version`)).json()) as { commit_sha: string }).commit_sha;

  await call("publish", "promote", "--channel", "live");
  const one = await repository.head();
  expect(await call("deploy-compose", "--dry-run", "summary")).toContain(`live would run ${one}`);
  const output = await folder();
  await call("deploy-compose", "directory", "export", "--path", output);
  expect(await says()).toBe(one);
  expect(await readFile(join(output, "report.html"), "utf8")).toContain("/index.html");

  await repository.commit("Go on", { "backend/more.html": "more" });
  await call("publish", "promote", "--channel", "live");
  expect(await call("deploy-compose", "summary")).toContain("✔");
  expect(await says()).toBe(await repository.head());
  expect(await call("watch", "--duration", "2s", "summary")).toContain("✔");
  expect(await call("compare-versions", "summary")).toContain(
    (await repository.head()).slice(0, 12),
  );
  expect(await call("rollback-compose", "--reason", "Wrong prices", "summary")).toContain("✔");
  expect(await says()).toBe(one);
  expect(await call("status", "summary")).toContain("live");
});
