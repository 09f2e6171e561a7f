import { readFile } from "node:fs/promises";
import { expect, onTestFinished, test } from "vitest";
import { type DeploymentData, deploymentSchema } from "../../.dagger/src/deploy/model.ts";
import { dockerRunner } from "../support/cloudRunner.ts";
import { nonce } from "../support/containers.ts";
import { deployedApp } from "../support/deployedApp.ts";
import { flyApi } from "../support/fly/api.ts";
import { edge } from "../support/fly/edge.ts";
import { standInFlyctl } from "../support/fly/flyctlProgram.ts";
import { gatewayFront } from "../support/gatewayFront.ts";
import { outsideRegistry } from "../support/outsideRegistry.ts";
import { ReleaseRepository } from "../support/releaseRepository.ts";

const registryOf = (host: string) => ({ hub: { address: `${host}/shop` } });

/** Publishes the stand-in for flyctl as an image, with Sluice itself. Answers its reference. */
async function flyctlImage(registry: string): Promise<string> {
  const repository = await ReleaseRepository.create({
    Dockerfile: [
      "FROM node:22-slim",
      "COPY flyctl.mjs /usr/local/bin/flyctl",
      "RUN chmod 755 /usr/local/bin/flyctl",
      "",
    ].join("\n"),
    "flyctl.mjs": await readFile(await standInFlyctl(), "utf8"),
    "release.yaml": JSON.stringify({
      ...{ version: 1, name: `test-flyctl-${nonce()}`, registries: registryOf(registry) },
      services: { flyctl: { job: { command: ["flyctl", "version"] } } },
    }),
  });
  onTestFinished(() => repository.remove());
  await repository.call("publish", "summary");
  return `${registry}/shop/flyctl:sha-${await repository.head()}`;
}

test("an app on Fly.io gets what was promoted, says so at its URL, and goes back by one command", async () => {
  const registry = await outsideRegistry();
  onTestFinished(() => registry.stop());
  const fly = await flyApi({ apps: ["shop"], runner: dockerRunner() });
  const api = `http://${await gatewayFront(Number(new URL(fly.url).port))}`;
  const url = await edge(fly, "shop");
  const repository = await ReleaseRepository.create({
    ...deployedApp("backend"),
    "fly.toml": 'app = "shop"\nprimary_region = "fra"\n\n[http_service]\ninternal_port = 8080\n',
    "release.yaml": JSON.stringify({
      ...{ version: 1, name: `test-fly-${nonce()}`, registries: registryOf(registry.host) },
      services: {
        backend: { context: "backend", port: 8080, probe: { path: "/healthz", deadline: "60s" } },
      },
      channels: { live: {} },
      targets: {
        fly: {
          ...{ channel: "live", url, version: {} },
          probe: { path: "/healthz", deadline: "60s", stableFor: "1s" },
          fly: {
            ...{ config: "fly.toml", flyctl: await flyctlImage(registry.host) },
            endpoints: { api, machines: api },
          },
        },
      },
    }),
  });
  onTestFinished(() => repository.remove());
  const env = { FLY: "fly-token" };
  const token = ["with-setting", "--name", "FLY_API_TOKEN", "--value", "env:FLY"];
  const call = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await repository.run([...token, ...args], { env });
    if (code !== 0) throw new Error(`${args.join(" ")} exited ${code}:\n${stderr}`);
    return stdout;
  };
  const deployed = async (...args: string[]): Promise<DeploymentData> =>
    deploymentSchema.parse(JSON.parse(await call(...args, "json")));
  const says = async (): Promise<string> =>
    ((await (await fetch(`${url}/api/version`)).json()) as { commit_sha: string }).commit_sha;

  await repository.call("publish", "promote", "--channel", "live", "summary");
  const first = await repository.head();

  // Without a token nothing begins.
  const refused = await repository.refused(["deploy-fly", "summary"]);
  expect(refused.error).toContain("FLY_API_TOKEN is missing or empty [SETTING_MISSING]");

  const plan = await call("deploy-fly", "--dry-run", "summary");
  expect(plan).toContain(`fly would run ${first}`);
  expect(plan).toMatch(/flyctl deploy .*--image 127\.0\.0\.1:\d+\/shop\/backend@sha256:/);
  expect(plan).not.toContain("fly-token");
  expect(fly.apps.get("shop")?.machines.size).toBe(0);

  const one = await deployed("deploy-fly");
  expect(one).toMatchObject({ outcome: "succeeded", commit: first, target: "fly" });
  expect(one.targetRelease).toBeDefined();
  expect(await says()).toBe(first);

  // Asked again, it is there already: nothing is deployed, and nothing recorded.
  expect(await deployed("deploy-fly")).toMatchObject({ outcome: "unchanged" });

  const second = await repository.commit("Say it differently", { "backend/index.html": "two" });
  await repository.call("publish", "promote", "--channel", "live", "summary");
  expect(await deployed("deploy-fly")).toMatchObject({ commit: second, previousCommit: first });
  expect(await says()).toBe(second);

  const back = await deployed("rollback-fly", "--reason", "Wrong words");
  expect(back).toMatchObject({ kind: "rollback", commit: first, digests: one.digests });
  expect(await says()).toBe(first);
  const history = await repository.call("history", "--channel", "live", "summary");
  expect(history.split("\n")[0]).toMatch(/deployment live .*✔ fly as .*: Wrong words/);
});
