import { expect, it, onTestFinished } from "vitest";
import { shopDeployment, shopWanted } from "../support/azure/deployment.ts";
import { azureServer } from "../support/azure/server.ts";
import { failureOf } from "../support/azure/shop.ts";
import { dockerRunner } from "../support/cloudRunner.ts";
import { busyboxImage, docker } from "../support/dockerStage.ts";
import { startRegistry } from "../support/registryProcess.ts";

const SERVE =
  'mkdir -p /srv/api; echo "$SLUICE_ENVIRONMENT runs $SLUICE_COMMIT" > /srv/api/version; trap "exit 0" TERM; httpd -f -p 8080 -h /srv & wait';

/** Puts an image with another command into a registry. Answers its reference by digest. */
async function published(host: string, base: string, name: string, script: string) {
  const container = await docker("create", base, "/bin/true");
  const tag = `${host}/acme/shop-web:${name}`;
  const command = `CMD ["/bin/sh", "-c", ${JSON.stringify(script)}]`;
  await docker("commit", "--change", command, container, tag);
  await docker("rm", container);
  const [digest = ""] = /sha256:[0-9a-f]{64}/.exec(await docker("push", tag)) ?? [];
  const ref = `${host}/acme/shop-web@${digest}`;
  onTestFinished(async () => {
    await docker("rmi", "--force", tag, ref);
  });
  return { service: "web", digest, ref };
}

it("really serves what was deployed, and what ran before when that crashes", async () => {
  const registry = await startRegistry();
  onTestFinished(() => registry.stop());
  const base = await busyboxImage();
  onTestFinished(async () => {
    await docker("rmi", "--force", base);
  });
  const sound = await published(registry.host, base, "sound", SERVE);
  const crashing = await published(registry.host, base, "crashing", "echo no database; exit 1");

  const azure = await azureServer({ runner: dockerRunner() });
  const url = await azure.addApp({ name: "shop-web", image: sound.ref });
  const platform = { apps: { web: { text: "shop-web" } }, readyTimeoutMs: 60_000 };
  const deploy = (digit: string, image: typeof sound) => {
    const { deployer } = shopDeployment(azure, {
      platform,
      pace: { pollMs: 100, settleMs: 2000 },
    });
    return deployer.deploy(shopWanted(digit, { images: [image] }));
  };
  const version = async () => (await fetch(`${url}/api/version`)).text();

  await deploy("b", sound);
  expect(await version()).toBe(`production runs ${"b".repeat(40)}\n`);
  const failure = await failureOf(deploy("c", crashing), azure);
  expect(failure.code).toBe("CONTAINER_APPS_UNHEALTHY");
  expect(failure.message).toContain("no database");
  expect(failure.message).toContain(`app shop-web is back to ${sound.ref}`);
  expect(await version()).toBe(`production runs ${"b".repeat(40)}\n`);
}, 240_000);
