import { describe, expect, it } from "vitest";
import type { Clock } from "../../.dagger/src/verify/clock.ts";
import { systemClock } from "../../.dagger/src/verify/clock.ts";
import { shopDeployment, shopImage, shopWanted } from "../support/azure/deployment.ts";
import { healthyFate } from "../support/azure/revision.ts";
import { azureShop, failureOf, servedBy, writesOf } from "../support/azure/shop.ts";

/** How long Azure asks to wait, and what a clock makes of it that remembers its pauses. */
const ASKED_S = 7;
function hurried(): { clock: Clock; slept: number[] } {
  const slept: number[] = [];
  const sleep: Clock["sleep"] = (ms, signal) => {
    slept.push(ms);
    return systemClock.sleep(ms === ASKED_S * 1000 ? 1 : ms, signal);
  };
  return { clock: { now: () => systemClock.now(), sleep }, slept };
}

describe("credentials for Azure", () => {
  it("that are wrong are told with Entra's own words, and nothing is asked", async () => {
    const azure = await azureShop();
    const { deployer } = shopDeployment(azure, { settings: { AZURE_CLIENT_SECRET: "wrong" } });
    const failure = await failureOf(deployer.plan(shopWanted("b")), azure);
    expect(failure.code).toBe("CONTAINER_APPS_UNAUTHORIZED");
    expect(failure.reason).toMatch(/^127\.0\.0\.1:\d+ gave no token: .*AADSTS7000215/);
    expect(failure.hint).toMatch(/AZURE_CLIENT_SECRET/);
    expect(azure.requests).toEqual([]);
  });

  it("of a CI whose token has ended are told likewise", async () => {
    const azure = await azureShop();
    const settings = { AZURE_CLIENT_SECRET: undefined, AZURE_FEDERATED_TOKEN: "ended" };
    const { deployer } = shopDeployment(azure, { settings });
    const failure = await failureOf(deployer.plan(shopWanted("b")), azure);
    expect(failure.code).toBe("CONTAINER_APPS_UNAUTHORIZED");
    expect(failure.reason).toContain("AADSTS700024");
  });

  it("that end in the middle of it are renewed", async () => {
    const azure = await azureShop({
      fate: (app) => {
        if (app === "shop-web") azure.entra.expireAll();
        return healthyFate;
      },
    });
    await shopDeployment(azure).deployer.deploy(shopWanted("b"));
    expect(azure.entra.issued()).toBeGreaterThan(1);
    expect(servedBy(azure, "shop-web")).toBe(shopImage("web", "b").ref);
  });

  it("that end for good leave commands for whatever could not be put back", async () => {
    const azure = await azureShop();
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      ...{ client_id: azure.client, client_secret: azure.secret, scope: `${azure.url}/.default` },
    });
    const { body } = azure.entra.answer(azure.tenant, form);
    const { access_token: token } = body as { access_token: string };
    const { deployer, said } = shopDeployment(azure, {
      settings: { AZURE_ACCESS_TOKEN: token },
      platform: { apps: { web: { text: "shop-web" } } },
    });
    const makes = azure.world.fate;
    azure.world.fate = (app, image) => {
      azure.entra.expireAll();
      return makes(app, image);
    };
    const failure = await failureOf(deployer.deploy(shopWanted("b")), azure);
    expect(failure.code).toBe("CONTAINER_APPS_UNAUTHORIZED");
    expect(failure.reason).toMatch(
      /^app shop-web in resource group rg-shop: HTTP 401, ExpiredAuth/,
    );
    expect(failure.message).toContain("by hand: az containerapp update --name shop-web");
    expect([failure.message, ...said].join("\n")).not.toContain(token);
  });
});

describe("a refusal of Azure", () => {
  it.each([
    [
      "another app",
      { apps: { api: { text: "shop-backend" } } },
      "app shop-backend",
      "shop-backend",
    ],
    ["another resource group", { resourceGroup: { text: "rg-else" } }, "app shop-", "rg-else"],
  ])("names %s, and nothing is changed", async (_, platform, what, name) => {
    const azure = await azureShop();
    const { deployer } = shopDeployment(azure, { platform });
    for (const asked of [deployer.plan(shopWanted("b")), deployer.deploy(shopWanted("b"))]) {
      const failure = await failureOf(asked, azure);
      expect(failure.code).toBe("CONTAINER_APPS_NOT_FOUND");
      expect(failure.reason).toContain(what);
      expect(failure.reason).toContain(name);
      expect(failure.hint).toMatch(/^check the names/);
    }
    expect(writesOf(azure)).toEqual([]);
  });

  it("for a missing role takes back what was changed already, and names the role", async () => {
    const azure = await azureShop();
    const message =
      "The client does not have authorization to perform action 'Microsoft.App/containerApps/write'";
    azure.faults.push({
      ...{ on: "PATCH containerApps/shop-web", status: 403, code: "AuthorizationFailed", message },
    });
    const { deployer } = shopDeployment(azure);
    const failure = await failureOf(deployer.deploy(shopWanted("b")), azure);
    expect(failure.code).toBe("CONTAINER_APPS_FORBIDDEN");
    expect(failure.reason).toBe(
      `app shop-web in resource group rg-shop: HTTP 403, AuthorizationFailed: ${message}`,
    );
    expect(failure.message).toContain(`app shop-web still runs ${shopImage("web", "a").ref}`);
    expect(servedBy(azure, "shop-api")).toBe(shopImage("api", "a").ref);
  });

  it("of what is written is told as it is", async () => {
    const azure = await azureShop();
    azure.faults.push({ on: "PATCH containerApps/shop-web", status: 400, message: "Field 'x'" });
    const { deployer } = shopDeployment(azure);
    const failure = await failureOf(deployer.deploy(shopWanted("b")), azure);
    expect(failure.code).toBe("CONTAINER_APPS_REFUSED");
    expect(failure.reason).toContain("Field 'x'");
  });
});

describe("another operation on an app", () => {
  it("is waited for", async () => {
    const azure = await azureShop();
    azure.faults.push({ on: "PATCH containerApps/shop-web", status: 409, times: 3 });
    const { deployer, said } = shopDeployment(azure);
    await deployer.deploy(shopWanted("b"));
    expect(said).toContain("shop-web: waits for another operation on it");
    expect(servedBy(azure, "shop-web")).toBe(shopImage("web", "b").ref);
  });

  it("that doesn't end in time is a conflict, and the others go back", async () => {
    const azure = await azureShop();
    azure.faults.push({ on: "PATCH containerApps/shop-web", status: 409, times: 1_000_000 });
    const { deployer } = shopDeployment(azure, { platform: { readyTimeoutMs: 1500 } });
    const failure = await failureOf(deployer.deploy(shopWanted("b")), azure);
    expect(failure.code).toBe("CONTAINER_APPS_CONFLICT");
    expect(servedBy(azure, "shop-api")).toBe(shopImage("api", "a").ref);
  });
});

describe("a request that is not answered well", () => {
  it("waits exactly as long as it is told to", async () => {
    const azure = await azureShop();
    const wait = { status: 429, headers: { "retry-after": String(ASKED_S) } };
    azure.faults.push(
      { on: "GET containerApps/shop-api", ...wait },
      { on: "PATCH containerApps/shop-web", ...wait },
    );
    const { clock, slept } = hurried();
    await shopDeployment(azure, { pace: { clock } }).deployer.deploy(shopWanted("b"));
    expect(slept.filter((ms) => ms === ASKED_S * 1000)).toHaveLength(2);
    expect(servedBy(azure, "shop-web")).toBe(shopImage("web", "b").ref);
  });

  it("fails at once when the wait is too long", async () => {
    const azure = await azureShop();
    const headers = { "retry-after": "3600" };
    azure.faults.push({ on: "GET containerApps/shop-api", status: 429, headers });
    const { clock, slept } = hurried();
    const { deployer } = shopDeployment(azure, { pace: { clock } });
    const failure = await failureOf(deployer.plan(shopWanted("b")), azure);
    expect(failure.code).toBe("CONTAINER_APPS_UNAVAILABLE");
    expect(failure.reason).toContain("HTTP 429");
    expect(slept).toEqual([]);
  });

  it.each([500, 502, 503, 504, 408])("is repeated after %i when it reads", async (status) => {
    const azure = await azureShop();
    azure.faults.push({ on: "GET containerApps/shop-api", status, times: 2 });
    await shopDeployment(azure).deployer.plan(shopWanted("b"));
    expect(azure.faults).toEqual([]);
  });

  it("is given up when it is never answered", async () => {
    const azure = await azureShop();
    azure.faults.push({ on: "GET containerApps/shop-api", status: 503, times: 100 });
    const failure = await failureOf(shopDeployment(azure).deployer.plan(shopWanted("b")), azure);
    expect(failure.code).toBe("CONTAINER_APPS_UNAVAILABLE");
    expect(failure.reason).toMatch(/^app shop-api in resource group rg-shop: HTTP 503/);
    expect(azure.faults[0]?.times).toBe(95);
  });

  it("is not written twice when only its answer was lost", async () => {
    const azure = await azureShop();
    azure.faults.push({ on: "PATCH containerApps/shop-web", status: 500, applied: true });
    await shopDeployment(azure).deployer.deploy(shopWanted("b"));
    expect(writesOf(azure).sort()).toEqual([
      "PATCH containerApps/shop-api",
      "PATCH containerApps/shop-web",
    ]);
    expect(servedBy(azure, "shop-web")).toBe(shopImage("web", "b").ref);
  });

  it("is written again when it was not done", async () => {
    const azure = await azureShop();
    azure.faults.push({ on: "PATCH containerApps/shop-web", status: 503 });
    await shopDeployment(azure).deployer.deploy(shopWanted("b"));
    expect(azure.faults).toEqual([]);
    expect(servedBy(azure, "shop-web")).toBe(shopImage("web", "b").ref);
  });
});

describe("addresses and names", () => {
  it.each(["http://management.example.com", "https://user:pw@example.com", "ftp://x", "nonsense"])(
    "refuses %s, which would show the token",
    async (endpoint) => {
      const azure = await azureShop();
      const { deployer } = shopDeployment(azure, { platform: { endpoint } });
      const failure = await failureOf(deployer.plan(shopWanted("b")), azure);
      expect(failure.code).toBe("CONTAINER_APPS_ADDRESS_INVALID");
      expect(failure.reason).toMatch(/^targets\.production: endpoint: expected an https URL/);
      expect(azure.entra.issued()).toBe(0);
    },
  );

  it.each(["$(id)", "--flag", "../jobs/x", "shop api", "a\nb", "x".repeat(300)])(
    "refuses %j as the name of an app",
    async (text) => {
      const azure = await azureShop();
      const { deployer } = shopDeployment(azure, { platform: { apps: { api: { text } } } });
      const failure = await failureOf(deployer.deploy(shopWanted("b")), azure);
      expect(failure.code).toBe("CONTAINER_APPS_NAME_INVALID");
      expect(failure.reason).toMatch(/^the name of the app of api has no such form: /);
      expect([azure.requests, azure.entra.issued()]).toEqual([[], 0]);
    },
  );
});
