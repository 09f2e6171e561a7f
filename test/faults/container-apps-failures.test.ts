import { describe, expect, it } from "vitest";
import { shopDeployment, shopImage, shopWanted } from "../support/azure/deployment.ts";
import { crashingFate, healthyFate } from "../support/azure/revision.ts";
import { azureShop, failureOf, servedBy, writesOf } from "../support/azure/shop.ts";

/** The web's image `b` does not get healthy; everything else does. */
const webCrashes = (_: string, image: string) =>
  image === shopImage("web", "b").ref ? crashingFate : healthyFate;

const migration = {
  ...{ job: { text: "shop-migrate" }, service: "api", scopes: [], timeoutMs: 20_000 },
};

describe("a revision that fails although Azure calls its operation succeeded", () => {
  it("takes all apps back, and shows its state and its log", async () => {
    const azure = await azureShop({ fate: webCrashes });
    const { deployer, kept } = shopDeployment(azure);
    const failure = await failureOf(deployer.deploy(shopWanted("b")), azure);
    expect(failure.code).toBe("CONTAINER_APPS_UNHEALTHY");
    expect(failure.reason).toBe(
      "app shop-web: expected revision shop-web--sbbbbbbbbbbbb to be healthy, got provisioning Provisioned; running Degraded; health Unhealthy; Container crashing: app; replica shop-web--sbbbbbbbbbbbb-7d9c5: shop-web is not ready (Waiting, CrashLoopBackOff, 3 restarts)",
    );
    expect(failure.message).toContain("Error: DATABASE_URL is not set");
    expect(failure.message).toContain(
      `app shop-web is back to ${shopImage("web", "a").ref}, in revision shop-web--saaaaaaaaaaaa`,
    );
    expect(failure.message).toContain(
      `app shop-api is back to ${shopImage("api", "a").ref}, in revision shop-api--saaaaaaaaaaaa`,
    );
    expect(failure.hint).toMatch(/^read the container's log/);
    expect(kept.get("shop-web--sbbbbbbbbbbbb.log")).toContain("DATABASE_URL is not set");
    expect(servedBy(azure, "shop-api")).toBe(shopImage("api", "a").ref);
    expect(servedBy(azure, "shop-web")).toBe(shopImage("web", "a").ref);
    const env = azure.apps.get("shop-api")?.resource.properties.template.containers[0]?.env;
    expect(env).toBeUndefined();
  });

  it("never gets traffic where several revisions are active", async () => {
    const azure = await azureShop({ fate: webCrashes, app: { mode: "Multiple" } });
    const { deployer } = shopDeployment(azure);
    const failure = await failureOf(deployer.deploy(shopWanted("b")), azure);
    expect(failure.message).toContain(
      "app shop-web serves with revision shop-web--0000001 as before",
    );
    expect(failure.message).toContain(
      "app shop-api serves with revision shop-api--0000001 as before",
    );
    for (const app of ["shop-api", "shop-web"]) {
      const { revisions, resource } = azure.apps.get(app) ?? { revisions: [] };
      expect(revisions.map(({ active }) => active)).toEqual([true, false]);
      expect(resource?.properties.configuration.ingress?.traffic).toEqual([
        { revisionName: `${app}--0000001`, weight: 100 },
      ]);
    }
  });

  it("keeps those that are healthy already from serving, where several are active", async () => {
    const azure = await azureShop({ fate: webCrashes, app: { mode: "Multiple" } });
    const asked = new AbortController();
    const { deployer, said } = shopDeployment(azure, {
      pace: { settleMs: 20_000 },
      signal: asked.signal,
    });
    const deployed = failureOf(deployer.deploy(shopWanted("b")), azure);
    const seen = () => said.includes("shop-api: revision shop-api--sbbbbbbbbbbbb is healthy");
    await expect.poll(seen, { timeout: 20_000 }).toBe(true);
    expect(servedBy(azure, "shop-api")).toBe(shopImage("api", "a").ref);
    asked.abort();
    expect((await deployed).code).toBe("CONTAINER_APPS_INTERRUPTED");
    expect(servedBy(azure, "shop-api")).toBe(shopImage("api", "a").ref);
  });

  it("is no failure when it gets healthy after its first probes", async () => {
    const azure = await azureShop({ fate: webCrashes });
    const { deployer, said } = shopDeployment(azure, { pace: { settleMs: 20_000 } });
    const deployed = deployer.deploy(shopWanted("b"));
    const seen = () => said.some((line) => line.includes("CrashLoopBackOff"));
    await expect.poll(seen, { timeout: 20_000 }).toBe(true);
    Object.assign(azure.apps.get("shop-web")?.revisions.at(-1) ?? {}, { fate: healthyFate });
    await deployed;
    expect(servedBy(azure, "shop-web")).toBe(shopImage("web", "b").ref);
  });

  it("is given up at the target's time, when it never even starts", async () => {
    const azure = await azureShop({
      fate: () => ({ ...healthyFate, healthState: "None", runningState: "Processing" }),
    });
    const platform = { readyTimeoutMs: 300, apps: { web: { text: "shop-web" } } };
    const { deployer } = shopDeployment(azure, { platform });
    const failure = await failureOf(deployer.deploy(shopWanted("b")), azure);
    expect(failure.code).toBe("CONTAINER_APPS_UNHEALTHY");
    expect(failure.reason).toContain("running Processing; health None");
    // What ran before doesn't get healthy either: that is said, with what can be done.
    expect(failure.message).toContain(
      `app shop-web could NOT be put back to ${shopImage("web", "a").ref}: app shop-web: expected revision shop-web--saaaaaaaaaaaa to be healthy`,
    );
    expect(failure.message).toContain(
      `by hand: az containerapp update --name shop-web --container-name shop-web --image ${shopImage("web", "a").ref}`,
    );
  });
});

describe("an image that can't be pulled", () => {
  it("fails the operation, and is told with what the app needs", async () => {
    const error =
      'Failed to pull image "ghcr.io/acme/shop-web": unexpected status code 401 Unauthorized';
    const azure = await azureShop({
      fate: (_, image) =>
        image === shopImage("web", "b").ref
          ? { ...crashingFate, provisioningState: "Failed", provisioningError: error, log: "" }
          : healthyFate,
    });
    const { deployer } = shopDeployment(azure);
    const failure = await failureOf(deployer.deploy(shopWanted("b")), azure);
    expect(failure.code).toBe("CONTAINER_APPS_UNHEALTHY");
    expect(failure.reason).toContain(error);
    expect(failure.hint).toMatch(
      /^let the app pull from the registry: az containerapp registry set/,
    );
    expect(servedBy(azure, "shop-api")).toBe(shopImage("api", "a").ref);
    expect(servedBy(azure, "shop-web")).toBe(shopImage("web", "a").ref);
  });
});

describe("a migration that fails", () => {
  it("leaves all apps untouched", async () => {
    const azure = await azureShop({ execution: () => "Failed" });
    const { deployer, kept } = shopDeployment(azure, { platform: { migration } });
    const failure = await failureOf(deployer.deploy(shopWanted("b")), azure);
    const [execution] = azure.jobs.get("shop-migrate")?.executions ?? [];
    const name = execution?.name ?? "";
    expect(failure.code).toBe("CONTAINER_APPS_MIGRATION_FAILED");
    expect(failure.reason).toBe(
      `job shop-migrate: expected execution ${name} to succeed, got Failed`,
    );
    expect(failure.message).toContain("no app was touched");
    expect(failure.hint).toContain(`--execution ${name}`);
    expect(kept.get("shop-migrate-execution.json")).toContain('"Failed"');
    expect(writesOf(azure)).toEqual(["PATCH jobs/shop-migrate", "POST jobs/shop-migrate/start"]);
  });

  it("is stopped when it doesn't end in time", async () => {
    const azure = await azureShop({ execution: () => "Running" });
    const impatient = { ...migration, timeoutMs: 100 };
    const { deployer } = shopDeployment(azure, { platform: { migration: impatient } });
    const failure = await failureOf(deployer.deploy(shopWanted("b")), azure);
    expect(failure.code).toBe("CONTAINER_APPS_MIGRATION_FAILED");
    expect(failure.reason).toMatch(/did not end in 0 s, and was stopped$/);
    expect(azure.jobs.get("shop-migrate")?.executions[0]?.fate).toBe("Stopped");
    expect(writesOf(azure).some((each) => each.includes("containerApps"))).toBe(false);
  });

  it("is not run twice when the answer to its start is lost", async () => {
    const azure = await azureShop();
    azure.faults.push({ on: "POST jobs/shop-migrate/start", status: 502, applied: true });
    const { deployer } = shopDeployment(azure, { platform: { migration } });
    await deployer.deploy(shopWanted("b"));
    expect(azure.jobs.get("shop-migrate")?.executions).toHaveLength(1);
    expect(servedBy(azure, "shop-api")).toBe(shopImage("api", "b").ref);
  });

  it("has a service that the commit has no image of", async () => {
    const azure = await azureShop();
    const { deployer } = shopDeployment(azure, { platform: { migration } });
    const wanted = shopWanted("b", { images: [shopImage("web", "b")] });
    const failure = await failureOf(deployer.deploy(wanted), azure);
    expect(failure.code).toBe("CONTAINER_APPS_IMAGE_MISSING");
    expect(writesOf(azure)).toEqual([]);
  });
});

describe("somebody who asks to stop", () => {
  it("gets the apps as they were", async () => {
    const azure = await azureShop({ fate: webCrashes });
    const asked = new AbortController();
    const { deployer, said } = shopDeployment(azure, {
      pace: { settleMs: 20_000 },
      signal: asked.signal,
    });
    const deployed = failureOf(deployer.deploy(shopWanted("b")), azure);
    const seen = () => said.some((line) => line.includes("CrashLoopBackOff"));
    await expect.poll(seen, { timeout: 20_000 }).toBe(true);
    asked.abort();
    const failure = await deployed;
    expect(failure.code).toBe("CONTAINER_APPS_INTERRUPTED");
    expect(failure.message).toContain("app shop-api is back to");
    expect(servedBy(azure, "shop-api")).toBe(shopImage("api", "a").ref);
    expect(servedBy(azure, "shop-web")).toBe(shopImage("web", "a").ref);
  });

  it("gets a migration that has begun to its end, and no app touched", async () => {
    const asked = new AbortController();
    const azure = await azureShop({
      execution: () => {
        asked.abort();
        return "Succeeded";
      },
    });
    const { deployer } = shopDeployment(azure, { platform: { migration }, signal: asked.signal });
    const failure = await failureOf(deployer.deploy(shopWanted("b")), azure);
    expect(failure.code).toBe("CONTAINER_APPS_INTERRUPTED");
    expect(failure.reason).toBe("the deployment was stopped before any app was touched");
    expect(azure.jobs.get("shop-migrate")?.executions[0]).toMatchObject({ running: 0 });
    expect(writesOf(azure).some((each) => each.includes("containerApps"))).toBe(false);
  });
});
