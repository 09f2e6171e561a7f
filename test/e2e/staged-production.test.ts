import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { deploymentSchema, type DeploymentData } from "../../.dagger/src/deploy/model.ts";
import { statusSchema } from "../../.dagger/src/status/model.ts";
import { azureServer, type Azure } from "../support/azure/server.ts";
import { dockerRunner } from "../support/cloudRunner.ts";
import { nonce } from "../support/containers.ts";
import { deployedApp } from "../support/deployedApp.ts";
import { gatewayFront } from "../support/gatewayFront.ts";
import { githubServer, githubToken } from "../support/github/server.ts";
import { git } from "../support/gitServer.ts";
import { outsideRegistry } from "../support/outsideRegistry.ts";
import { ReleaseRepository } from "../support/releaseRepository.ts";
import { scratch } from "../support/scratch.ts";

interface Surroundings {
  name: string;
  registry: string;
  remote: string;
  azure: Azure;
  github: string;
}

function pipelineOf({ name, registry, remote, azure, github }: Surroundings): string {
  const step = (kind: string) => ({
    ...{ name: kind, scopes: [kind], image: "busybox:1.37.0-musl" },
    command: ["sh", "-ec", `echo applied ${kind} > /out/state.txt; echo ${kind} is applied`],
  });
  return JSON.stringify({
    ...{ version: 1, name },
    services: {
      api: { context: "api", port: 8080, probe: { path: "/healthz", deadline: "60s" } },
      web: { context: "web", port: 8080, probe: { path: "/", deadline: "60s" } },
    },
    registries: { acr: { address: `${registry}/app` } },
    git: { remote: `file://${remote}` },
    scopes: { identity: ["identity/**"], infra: ["infra/**"], runtime: ["api/**", "web/**"] },
    channels: {
      acceptance: { gates: { onBranch: "main" } },
      production: { after: ["acceptance"], gates: { headOf: "main", settings: ["ACR_NAME"] } },
    },
    targets: {
      azure: {
        channel: "production",
        environment: "production",
        url: { setting: "PRODUCTION_URL" },
        probe: { path: "/healthz", deadline: "60s" },
        version: {},
        pages: [{ path: "/", text: "Welcome", selector: "main" }],
        steps: [step("identity"), step("infra")],
        containerApps: {
          apps: { api: { setting: "ACA_API_APP_NAME" }, web: { setting: "ACA_WEB_APP_NAME" } },
          migration: { job: { setting: "ACA_MIGRATE_JOB_NAME" }, service: "api" },
          ...{ readyTimeout: "60s", endpoint: azure.url, authority: azure.url },
        },
      },
    },
    announcements: {
      github: { repository: "acme/shop", api: github, deployments: true, issues: true },
    },
  });
}

test("a staged production deploys what was accepted, refuses what its URL does not confirm, and goes back", async () => {
  const registry = await outsideRegistry();
  onTestFinished(() => registry.stop());
  const azure = await azureServer({ runner: dockerRunner() });
  const github = await githubServer();
  const remote = await scratch();
  await git(remote, "init", "--quiet", "--bare");
  const name = `test-staged-${nonce()}`;
  const surroundings = { name, registry: registry.host, remote, azure, github: github.api };
  const repository = await ReleaseRepository.create({
    "release.yaml": pipelineOf(surroundings),
    "infra/main.bicep": "// one",
    ...deployedApp("api"),
    ...deployedApp("web"),
  });
  onTestFinished(() => repository.remove());
  const out = await mkdtemp(join(tmpdir(), "sluice-staged-"));
  onTestFinished(() => rm(out, { recursive: true, force: true }));

  const push = async () => {
    await git(repository.dir, "push", "--quiet", remote, "HEAD:refs/heads/main");
    github.state.commits.add(await repository.head());
  };
  // What was there before Sluice came: an image of its own, which a first deployment replaces.
  const seed = `${registry.host}/app/api:sha-`;
  const first = await repository.head();
  await push();
  const common = ["--operator", "ann", "--github-token", "env:GITHUB", "--run-url"];
  const run = [...common, "https://ci.example.com/runs/7", "--settings-file", "env:SETTINGS"];
  const publish = () =>
    repository.call(
      "--operator",
      "ann",
      ..."publish promote --channel acceptance summary".split(" "),
    );
  await publish();
  const web = await azure.addApp({
    name: "shop-web",
    image: `${seed}${first}`.replace("/api:", "/web:"),
  });
  await azure.addApp({ name: "shop-api", image: `${seed}${first}` });
  azure.addJob({ name: "shop-migrate", image: `${seed}${first}` });
  const url = `http://${await gatewayFront(Number(new URL(web).port))}`;
  const settings = {
    ...{ AZURE_TENANT_ID: azure.tenant, AZURE_SUBSCRIPTION_ID: azure.subscription },
    ...{ AZURE_RESOURCE_GROUP: azure.group, AZURE_DEPLOY_CLIENT_ID: azure.client },
    ...{ AZURE_CLIENT_SECRET: azure.secret, ACR_NAME: "shop", PRODUCTION_URL: url },
    ...{ ACA_API_APP_NAME: "shop-api", ACA_WEB_APP_NAME: "shop-web" },
    ACA_MIGRATE_JOB_NAME: "shop-migrate",
  };
  const env = {
    GITHUB: githubToken,
    SETTINGS: Object.entries(settings)
      .map((pair) => pair.join("="))
      .join("\n"),
  };
  const call = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await repository.run([...run, ...args], { env });
    if (code !== 0) throw new Error(`${args.join(" ")} exited ${code}:\n${stderr}`);
    return stdout;
  };
  const deployed = async (...args: string[]): Promise<DeploymentData> =>
    deploymentSchema.parse(JSON.parse(await call(...args, "json")));
  const says = async (): Promise<string> =>
    ((await (await fetch(`${url}/api/version`)).json()) as { commit_sha: string }).commit_sha;
  const promote = () => call("promote", "--channel", "production", "summary");

  // Nothing was promoted to production yet, so nothing can be deployed.
  const early = await repository.refused([...run, "deploy-container-apps", "summary"], { env });
  expect(early.error).toMatch(/production holds nothing \[DEPLOY_NOT_PROMOTED\]/);

  await promote();
  const plan = await call("deploy-container-apps", "--dry-run", "summary");
  expect(plan).toContain(`azure would run ${first}`);
  expect(plan).toMatch(/infra.*skipped|infra/);
  expect(plan).toContain("--- github-deployments");
  expect(azure.requests.filter((line) => !line.startsWith("GET"))).toEqual([]);
  expect(github.state.deployments).toHaveLength(0);

  const one = await deployed("deploy-container-apps");
  expect(one).toMatchObject({ outcome: "succeeded", commit: first, target: "azure", url });
  expect(one.seen.browser?.pages).toMatchObject([{ path: "/", passed: true, status: 200 }]);
  expect(await says()).toBe(first);
  const writes = azure.requests.filter((line) => !line.startsWith("GET"));
  // The migration ran with the accepted image before any app was touched.
  expect(writes.findIndex((line) => line.includes("shop-migrate"))).toBe(0);
  expect(
    github.state.deployments.map(({ sha, environment, statuses }) => ({
      ...{ sha, environment, states: statuses.map(({ state }) => state) },
    })),
  ).toEqual([{ sha: first, environment: "production", states: ["in_progress", "success"] }]);

  // Its artifacts, on any machine that has the repository and a commit.
  await call("artifacts", "--channel", "production", "export", "--path", out);
  const record = JSON.parse(
    await readFile(join(out, `.artifacts/production/${first}/deployment-record.json`), "utf8"),
  ) as { deployments: { target: string; outcome: string }[] };
  expect(record.deployments).toMatchObject([{ target: "azure", outcome: "succeeded" }]);
  const pictures = join(out, `.artifacts/browser-evidence/${first}`);
  const manifest = JSON.parse(await readFile(join(pictures, "manifest.json"), "utf8")) as {
    pages: { screenshot: string }[];
  };
  const picture = await readFile(join(pictures, manifest.pages[0]?.screenshot ?? ""));
  expect(picture.subarray(1, 4).toString()).toBe("PNG");

  // A release that Azure takes for healthy, and whose URL says something else.
  const bad = await repository.commit("Lie about the version", deployedApp("web", { lies: true }));
  await push();
  await publish();
  await promote();
  const failed = await repository.refused([...run, "deploy-container-apps", "summary"], { env });
  expect(failed.error).toMatch(/azure: .*\[VERSION_MISMATCH\]/);
  expect(failed.stderr).toContain(`it runs ${first.slice(0, 12)} again`);
  expect(await says()).toBe(first);
  expect(github.state.deployments.at(-1)?.statuses.map(({ state }) => state)).toEqual([
    "in_progress",
    "failure",
  ]);
  const issues = [...github.state.issues];
  expect(issues).toHaveLength(1);
  expect(issues[0]?.state).toBe("open");
  expect(JSON.stringify(issues[0])).toContain("https://ci.example.com/runs/7");
  const { channels } = statusSchema.parse(JSON.parse(await call("status", "json")));
  const production = channels.find(({ channel }) => channel === "production");
  expect(production?.holds?.commit).toBe(bad);
  expect(production?.targets).toMatchObject([
    { target: "azure", outcome: "failed", holds: { commit: first }, serves: first },
  ]);
  expect(production?.drift.join("\n")).toContain("not yet what the channel holds");

  // Fixed: deployed, the issue closed, nothing left in progress; infrastructure that changed is applied.
  const good = await repository.commit("Tell the truth", {
    ...deployedApp("web"),
    "infra/main.bicep": "// two",
  });
  await push();
  await publish();
  await promote();
  const two = await deployed("deploy-container-apps");
  expect(two).toMatchObject({ outcome: "succeeded", commit: good, previousCommit: first });
  expect(await says()).toBe(good);
  expect([...github.state.issues]).toMatchObject([{ state: "closed" }]);
  const open = github.state.deployments.filter(({ statuses }) =>
    ["in_progress", "pending", "queued"].includes(statuses.at(-1)?.state ?? ""),
  );
  expect(open).toEqual([]);
  await call("artifacts", "--channel", "production", "export", "--path", out);
  expect(await readFile(join(out, `.artifacts/infra/${good}/output.log`), "utf8")).toContain(
    "infra is applied",
  );

  // Taken back by its recorded digests, and kept from coming again.
  const back = await deployed("rollback-container-apps", "--reason", "Prices are wrong");
  expect(back).toMatchObject({ kind: "rollback", outcome: "succeeded", commit: first });
  expect(await says()).toBe(first);
  const again = await repository.refused([...run, "deploy-container-apps", "summary"], { env });
  expect(again.error).toMatch(/was taken back from azure \[DEPLOY_TAKEN_BACK\]/);
  expect(await says()).toBe(first);
});
