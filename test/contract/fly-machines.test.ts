import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { dockerRunner } from "../support/cloudRunner.ts";
import { busyboxImage, docker } from "../support/dockerStage.ts";
import { flyApi } from "../support/fly/api.ts";
import { flyDeployment, wanted } from "../support/fly/deployment.ts";
import { edge } from "../support/fly/edge.ts";
import { type RegistryProcess, startRegistry } from "../support/registryProcess.ts";
import { scratch } from "../support/scratch.ts";

let registry: RegistryProcess;
let base: string;
const made: string[] = [];
beforeAll(async () => {
  base = await busyboxImage();
  return () => docker("rmi", "--force", ...made, base);
});
beforeAll(async () => {
  registry = await startRegistry();
  return () => registry.stop();
});

/** Pushes an image that serves `/healthz`, unless it is unwell, and its version; with its digest. */
async function published(version: string, { well = true } = {}): Promise<string> {
  const folder = await scratch();
  await writeFile(join(folder, "version"), version);
  if (well) await writeFile(join(folder, "healthz"), "ok");
  const container = await docker("create", base, "true");
  try {
    await docker("cp", `${folder}/.`, `${container}:/srv`);
    const tag = `${registry.host}/acme/web:${version}`;
    const serve = 'CMD ["httpd", "-f", "-p", "8080", "-h", "/srv"]';
    await docker("commit", "--change", serve, container, tag);
    made.push(tag);
    await docker("push", "--quiet", tag);
    const [ref = ""] = JSON.parse(
      await docker("inspect", "--format", "{{json .RepoDigests}}", tag),
    ) as string[];
    return ref;
  } finally {
    await docker("rm", "--volumes", container);
  }
}

const config = {
  fly: { config: "fly.toml" },
  files: {
    "fly.toml": [
      'app = "shop"',
      "[http_service]",
      "internal_port = 8080",
      "[[http_service.checks]]",
      'path = "/healthz"',
    ].join("\n"),
  },
};

test("the very image runs behind the app's URL, and one that is unwell is taken back", async () => {
  const [good, bad] = [await published("1"), await published("2", { well: false })];
  const api = await flyApi({ runner: dockerRunner() });
  const url = await edge(api, "shop");
  const version = async () => (await fetch(`${url}/version`)).text();
  const { deployer } = await flyDeployment(api, config);
  expect((await deployer.deploy(wanted(good))).notes).toContain(
    "2 machines started, all health checks pass",
  );
  expect(await version()).toBe("1");
  const impatient = { ...config, fly: { ...config.fly, waitTimeout: "500ms" } };
  const failure = (await flyDeployment(api, impatient)).deployer.deploy(wanted(bad));
  await expect(failure).rejects.toMatchObject({ code: "FLY_UNHEALTHY" });
  await deployer.deploy(wanted(good, { kind: "rollback" }));
  expect(await version()).toBe("1");
  expect(await deployer.running()).toEqual({ web: good.slice(good.indexOf("@") + 1) });
});
