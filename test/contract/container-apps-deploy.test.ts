import { describe, expect, it } from "vitest";
import { shopDeployment, shopImage, shopWanted } from "../support/azure/deployment.ts";
import { azureShop, failureOf, servedBy, writesOf } from "../support/azure/shop.ts";

const migration = {
  job: { text: "shop-migrate" },
  service: "api",
  scopes: ["runtime", "schema"],
  timeoutMs: 20_000,
};

describe("a deployment to Container Apps", () => {
  it("gives each app the very digest, in a revision that is named after it", async () => {
    const azure = await azureShop();
    const { deployer, said } = shopDeployment(azure);
    expect(await deployer.deploy(shopWanted("b"))).toEqual({
      release: "shop-api--sbbbbbbbbbbbb, shop-web--sbbbbbbbbbbbb",
      notes: [],
    });
    expect(await deployer.running()).toEqual({
      api: shopImage("api", "b").digest,
      web: shopImage("web", "b").digest,
    });
    expect(servedBy(azure, "shop-api")).toBe(shopImage("api", "b").ref);
    expect(said).toContain("shop-web: revision shop-web--sbbbbbbbbbbbb is healthy");
    expect(writesOf(azure).sort()).toEqual([
      "PATCH containerApps/shop-api",
      "PATCH containerApps/shop-web",
    ]);
  });

  it("leaves everything else of an app as it was, and tells the container its release", async () => {
    const azure = await azureShop();
    const sidecar = { name: "proxy", image: "docker.io/acme/proxy:1", imageType: "ContainerImage" };
    const rich = {
      name: "main",
      image: "ghcr.io/acme/shop-api:latest",
      imageType: "ContainerImage",
      command: null,
      args: ["--port", "8080"],
      env: [
        { name: "SLUICE_COMMIT", value: "of before" },
        { name: "DATABASE_URL", secretRef: "database-url" },
        { name: "EMPTY", value: "" },
      ],
      resources: { cpu: 0.25, memory: "0.5Gi", ephemeralStorage: "1Gi" },
      volumeMounts: [{ volumeName: "files", mountPath: "/files", subPath: "shop" }],
      probes: [{ type: "Readiness" as const, httpGet: { path: "/healthz", port: 8080 } }],
    };
    const app = azure.apps.get("shop-api");
    if (!app) throw new Error("there is no app");
    const { properties } = app.resource;
    Object.assign(properties.template, {
      containers: [sidecar, rich],
      initContainers: [{ name: "wait", image: "docker.io/acme/wait:1" }],
      scale: { minReplicas: 1, maxReplicas: 3, rules: [{ name: "http", http: { metadata: {} } }] },
      volumes: [{ name: "files", storageType: "AzureFile" }],
    });
    Object.assign(properties.configuration, {
      secrets: [{ name: "database-url", value: "postgres://…" }],
      registries: [{ server: "ghcr.io", username: "acme", passwordSecretRef: "ghcr" }],
    });
    const before = structuredClone(app.resource);
    await shopDeployment(azure).deployer.deploy(shopWanted("b"));
    const { env, ...main } = app.resource.properties.template.containers[1] ?? {};
    expect({ ...main, env: rich.env }).toEqual({ ...rich, image: shopImage("api", "b").ref });
    expect(env).toEqual([
      { name: "DATABASE_URL", secretRef: "database-url" },
      { name: "EMPTY", value: "" },
      { name: "SLUICE_COMMIT", value: "b".repeat(40) },
      { name: "SLUICE_RELEASE", value: shopWanted("b").release },
      { name: "SLUICE_ENVIRONMENT", value: "production" },
      { name: "SLUICE_DEPLOYED_AT", value: expect.stringMatching(/^\d{4}-.*Z$/) as string },
    ]);
    const after = structuredClone(app.resource);
    after.properties.template.containers[1] = structuredClone(rich);
    delete after.properties.template.revisionSuffix;
    expect(after).toEqual(before);
  });

  it("migrates with the accepted digest before any app is touched", async () => {
    const azure = await azureShop();
    const { deployer, kept } = shopDeployment(azure, { platform: { migration } });
    const { notes } = await deployer.deploy(shopWanted("b"));
    expect(writesOf(azure).slice(0, 2)).toEqual([
      "PATCH jobs/shop-migrate",
      "POST jobs/shop-migrate/start",
    ]);
    const { requests } = azure;
    const ended = requests.findLastIndex((each) => each.includes("shop-migrate/executions/"));
    const touched = requests.findIndex((each) => each.startsWith("PATCH containerApps/"));
    expect(ended).toBeGreaterThan(0);
    expect(touched).toBeGreaterThan(ended);
    const [execution] = azure.jobs.get("shop-migrate")?.executions ?? [];
    expect(execution).toMatchObject({ image: shopImage("api", "b").ref, fate: "Succeeded" });
    expect(notes).toEqual([`migrated by execution ${execution?.name ?? ""} of job shop-migrate`]);
    expect(JSON.parse(kept.get("shop-migrate-execution.json") ?? "")).toMatchObject({
      job: "shop-migrate",
      image: shopImage("api", "b").ref,
      properties: { status: "Succeeded" },
    });
  });

  it("keeps what others change of an app while it migrates", async () => {
    const more = { name: "MORE", value: "by hand" };
    const azure = await azureShop({
      execution: () => {
        const [container] =
          azure.apps.get("shop-api")?.resource.properties.template.containers ?? [];
        Object.assign(container ?? {}, { env: [more] });
        return "Succeeded";
      },
    });
    await shopDeployment(azure, { platform: { migration } }).deployer.deploy(shopWanted("b"));
    const { env } = azure.apps.get("shop-api")?.resource.properties.template.containers[0] ?? {};
    expect(env).toContainEqual(more);
  });

  it.each([
    ["whose scopes are none of the job's", { scope: { runtime: false, infra: true } }],
    ["that is a rollback", { kind: "rollback" as const }],
  ])("migrates nothing for one %s", async (_, more) => {
    const azure = await azureShop();
    const { deployer } = shopDeployment(azure, { platform: { migration } });
    await deployer.deploy(shopWanted("b", more));
    expect(writesOf(azure).some((each) => each.includes("jobs/"))).toBe(false);
    expect(servedBy(azure, "shop-web")).toBe(shopImage("web", "b").ref);
  });

  it("migrates always where the job names no scopes", async () => {
    const azure = await azureShop();
    const always = { ...migration, scopes: [] };
    const { deployer } = shopDeployment(azure, { platform: { migration: always } });
    await deployer.deploy(shopWanted("b", { scope: {} }));
    expect(azure.jobs.get("shop-migrate")?.executions).toHaveLength(1);
  });

  it("writes nothing when it is done again", async () => {
    const azure = await azureShop();
    const options = { platform: { migration } };
    const first = await shopDeployment(azure, options).deployer.deploy(shopWanted("b"));
    azure.requests.length = 0;
    const { deployer, said } = shopDeployment(azure, options);
    expect((await deployer.deploy(shopWanted("b"))).release).toBe(first.release);
    expect(writesOf(azure)).toEqual([]);
    expect(said).toContain(`shop-web: serves ${shopImage("web", "b").ref} already`);
  });

  it("makes a revision that tells the new commit, even of bytes that are the same", async () => {
    const azure = await azureShop();
    await shopDeployment(azure).deployer.deploy(shopWanted("b"));
    const { deployer } = shopDeployment(azure);
    const done = await deployer.deploy(shopWanted("b", { commit: "c".repeat(40) }));
    expect(done.release).toBe("shop-api--sbbbbbbbbbbbb-2, shop-web--sbbbbbbbbbbbb-2");
    const { env } = azure.apps.get("shop-api")?.resource.properties.template.containers[0] ?? {};
    expect(env).toContainEqual({ name: "SLUICE_COMMIT", value: "c".repeat(40) });
  });

  it("goes back and forth between digests, although Azure makes no revision twice", async () => {
    const azure = await azureShop();
    for (const digit of ["b", "c", "b", "c"]) {
      await shopDeployment(azure).deployer.deploy(shopWanted(digit));
      expect(servedBy(azure, "shop-api")).toBe(shopImage("api", digit).ref);
    }
    expect(azure.apps.get("shop-api")?.revisions.map(({ name }) => name)).toEqual([
      "shop-api--0000001",
      "shop-api--sbbbbbbbbbbbb",
      "shop-api--scccccccccccc",
      "shop-api--sbbbbbbbbbbbb-2",
      "shop-api--scccccccccccc-2",
    ]);
  });

  it("leaves an app alone whose service the commit has no image of", async () => {
    const azure = await azureShop();
    const { deployer } = shopDeployment(azure);
    const { notes } = await deployer.deploy(shopWanted("b", { images: [shopImage("api", "b")] }));
    expect(notes).toEqual([`app shop-web is left alone: ${"b".repeat(40)} has no image of web`]);
    expect(servedBy(azure, "shop-web")).toBe(shopImage("web", "a").ref);
  });

  it("tells the containers apart only by what is certain", async () => {
    const azure = await azureShop();
    const containers = azure.apps.get("shop-web")?.resource.properties.template.containers;
    containers?.splice(
      0,
      1,
      { name: "one", image: "docker.io/acme/one:1" },
      { name: "two", image: "docker.io/acme/two:1" },
    );
    const { deployer } = shopDeployment(azure);
    const failure = await failureOf(deployer.deploy(shopWanted("b")));
    expect(failure.code).toBe("CONTAINER_APPS_CONTAINER_UNKNOWN");
    expect(failure.reason).toBe(
      "app shop-web: expected one container of ghcr.io/acme/shop-web, or one named web, got one (docker.io/acme/one:1), two (docker.io/acme/two:1)",
    );
    expect(writesOf(azure)).toEqual([]);
  });
});

describe("apps with several active revisions", () => {
  const app = { mode: "Multiple" as const };

  it("serve the new revision only when all apps are healthy, and follow the latest as before", async () => {
    const azure = await azureShop({ app });
    const { deployer } = shopDeployment(azure);
    await deployer.deploy(shopWanted("b"));
    const api = azure.apps.get("shop-api");
    expect(api?.resource.properties.configuration.ingress?.traffic).toEqual([
      { latestRevision: true, weight: 100 },
    ]);
    expect(servedBy(azure, "shop-api")).toBe(shopImage("api", "b").ref);
    expect(api?.revisions.map(({ active }) => active)).toEqual([true, true]);
    const lastLook = azure.requests.findLastIndex((each) =>
      each.includes("--sbbbbbbbbbbbb/replicas"),
    );
    expect(azure.requests.slice(lastLook).filter((each) => each.startsWith("PATCH"))).toHaveLength(
      2,
    );
    azure.requests.length = 0;
    await shopDeployment(azure).deployer.deploy(shopWanted("b"));
    expect(writesOf(azure)).toEqual([]);
  });

  it("keep the label of what serves, and those of revisions that get no traffic", async () => {
    const azure = await azureShop({ app });
    const api = azure.apps.get("shop-api");
    const ingress = api?.resource.properties.configuration.ingress;
    if (!api || !ingress) throw new Error("there is no ingress");
    ingress.traffic = [
      { revisionName: "shop-api--0000001", weight: 100, label: "live" },
      { revisionName: "shop-api--0000001", weight: 0, label: "old" },
    ];
    await shopDeployment(azure).deployer.deploy(shopWanted("b"));
    expect(api.resource.properties.configuration.ingress?.traffic).toEqual([
      { revisionName: "shop-api--sbbbbbbbbbbbb", weight: 100, label: "live" },
      { revisionName: "shop-api--0000001", weight: 0, label: "old" },
    ]);
  });

  it("end the revision before where there is no ingress to take from it", async () => {
    const azure = await azureShop({ app: { ...app, port: 0 } });
    await shopDeployment(azure).deployer.deploy(shopWanted("b"));
    const revisions = azure.apps.get("shop-api")?.revisions;
    expect(revisions?.map(({ active }) => active)).toEqual([false, true]);
  });
});
