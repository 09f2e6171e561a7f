import { describe, expect, it } from "vitest";
import { shopDeployment, shopImage, shopWanted } from "../support/azure/deployment.ts";
import { azureServer } from "../support/azure/server.ts";
import { azureShop, failureOf, writesOf } from "../support/azure/shop.ts";

describe("a plan for Container Apps", () => {
  it("tells the exact changes in their order, and makes none", async () => {
    const azure = await azureShop();
    const migration = {
      ...{ job: { text: "shop-migrate" }, service: "api", scopes: [], timeoutMs: 20_000 },
    };
    const { deployer } = shopDeployment(azure, { platform: { migration } });
    const [api, web] = [shopImage("api", "b").ref, shopImage("web", "b").ref];
    const [oldApi, oldWeb] = [shopImage("api", "a").ref, shopImage("web", "a").ref];
    expect(await deployer.plan(shopWanted("b"))).toEqual([
      `job shop-migrate: container migrate: ${oldApi} → ${api}`,
      "job shop-migrate: start it, and wait until it has succeeded",
      `app shop-api: container shop-api: ${oldApi} → ${api}`,
      `app shop-web: container shop-web: ${oldWeb} → ${web}`,
    ]);
    expect(writesOf(azure)).toEqual([]);
    await deployer.deploy(shopWanted("b"));
    expect(await deployer.plan(shopWanted("b"))).toEqual([
      `app shop-api: unchanged, revision shop-api--sbbbbbbbbbbbb runs ${api}`,
      `app shop-web: unchanged, revision shop-web--sbbbbbbbbbbbb runs ${web}`,
    ]);
  });

  it("says from which revision traffic is taken", async () => {
    const azure = await azureShop({ app: { mode: "Multiple" } });
    const lines = await shopDeployment(azure).deployer.plan(shopWanted("b"));
    expect(lines[0]).toMatch(/; traffic goes to it from shop-api--0000001 when it is healthy$/);
  });
});

describe("what runs on Container Apps", () => {
  it("is unknown of images that are named by tags, and nothing where there is no digest", async () => {
    const azure = await azureServer();
    await azure.addApp({ name: "shop-api", image: "ghcr.io/acme/shop-api:latest" });
    await azure.addApp({ name: "shop-web", image: "ghcr.io/acme/shop-web:latest" });
    expect(await shopDeployment(azure).deployer.running()).toBeUndefined();
    await shopDeployment(azure).deployer.deploy(
      shopWanted("b", { images: [shopImage("web", "b")] }),
    );
    expect(await shopDeployment(azure).deployer.running()).toEqual({
      web: shopImage("web", "b").digest,
    });
  });

  it("shows its log, each container under its name", async () => {
    const azure = await azureShop();
    expect(await shopDeployment(azure).deployer.logs()).toBe(
      [
        "== shop-api--0000001-7d9c5/shop-api\nlistening\n",
        "== shop-web--0000001-7d9c5/shop-web\nlistening\n",
      ].join("\n"),
    );
  });
});

describe("signing in to Azure", () => {
  it.each([
    ["the secret of an application", {}],
    ["the application under its other name", { AZURE_DEPLOY_CLIENT_ID: undefined }],
    ["the token of a CI", { AZURE_CLIENT_SECRET: undefined, AZURE_FEDERATED_TOKEN: "" }],
  ])("works with %s, once for all requests", async (_, settings) => {
    const azure = await azureShop();
    const more = {
      AZURE_CLIENT_ID: azure.client,
      ...settings,
      ...("AZURE_FEDERATED_TOKEN" in settings ? { AZURE_FEDERATED_TOKEN: azure.assertion } : {}),
    };
    const { deployer } = shopDeployment(azure, { settings: more });
    await deployer.deploy(shopWanted("b"));
    expect(azure.entra.issued()).toBe(1);
  });

  it("works with a ready token, asking for none", async () => {
    const azure = await azureShop();
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      ...{ client_id: azure.client, client_secret: azure.secret, scope: `${azure.url}/.default` },
    });
    const { body } = azure.entra.answer(azure.tenant, form);
    const { access_token: token } = body as { access_token: string };
    const none = { AZURE_TENANT_ID: undefined, AZURE_CLIENT_SECRET: undefined };
    const { deployer } = shopDeployment(azure, {
      settings: { ...none, AZURE_ACCESS_TOKEN: token },
    });
    await deployer.deploy(shopWanted("b"));
    expect(azure.entra.issued()).toBe(1);
  });

  it.each([
    ["AZURE_TENANT_ID", /^the tenant of Azure is not given/],
    ["AZURE_SUBSCRIPTION_ID", /^the id of the subscription is not given/],
    ["AZURE_RESOURCE_GROUP", /^the name of the resource group is not given/],
    ["AZURE_DEPLOY_CLIENT_ID", /^the application that deploys to Azure is not given/],
    ["AZURE_CLIENT_SECRET", /^the secret of the application, or a federated token is not given/],
    ["ACA_WEB_APP_NAME", /^the name of the app of web is not given/],
  ])("says that %s is missing before it asks anything", async (name, words) => {
    const azure = await azureShop();
    const { deployer } = shopDeployment(azure, { settings: { [name]: undefined } });
    const failure = await failureOf(deployer.plan(shopWanted("b")), azure);
    expect(failure.code).toBe("SETTING_MISSING");
    expect(failure.reason).toMatch(words);
    expect(failure.reason).toContain(name);
    expect([azure.requests, azure.entra.issued()]).toEqual([[], 0]);
  });
});

describe("what the application may do", () => {
  const migration = {
    ...{ job: { text: "shop-migrate" }, service: "api", scopes: [], timeoutMs: 20_000 },
  };

  it.each([
    [["Microsoft.App/containerApps/read"], [], "app shop-api", "Microsoft.App/containerApps/write"],
    [
      ["*/read", "Microsoft.App/containerApps/*"],
      [],
      "job shop-migrate",
      "Microsoft.App/jobs/write",
    ],
    [
      ["*"],
      ["Microsoft.App/*/start/action"],
      "job shop-migrate",
      "Microsoft.App/jobs/start/action",
    ],
  ])("is known before anything is changed: %j without %j", async (actions, no, what, denied) => {
    const azure = await azureShop();
    azure.roles = [{ actions, notActions: no }];
    const { deployer } = shopDeployment(azure, { platform: { migration } });
    const failure = await failureOf(deployer.plan(shopWanted("b")), azure);
    expect(failure.code).toBe("CONTAINER_APPS_FORBIDDEN");
    expect(failure.reason).toContain(`${what}: the application that deploys may not ${denied}`);
    expect(writesOf(azure)).toEqual([]);
  });

  it("is enough when several roles together allow it, in whatever case they are written", async () => {
    const azure = await azureShop();
    azure.roles = [
      { actions: ["microsoft.app/CONTAINERAPPS/*"], notActions: [] },
      { actions: ["Microsoft.App/jobs/*/action", "*/jobs/w*e"], notActions: ["*/delete"] },
    ];
    const { deployer } = shopDeployment(azure, { platform: { migration } });
    expect(await deployer.plan(shopWanted("b"))).toHaveLength(4);
  });

  it("is seen on the way where it may not be asked", async () => {
    const azure = await azureShop();
    azure.roles = undefined;
    const { deployer, said } = shopDeployment(azure);
    expect(await deployer.plan(shopWanted("b"))).toHaveLength(2);
    expect(said).toContain("app shop-web: Azure doesn't say what may be done with it");
  });
});
