import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { flyApi } from "../support/fly/api.ts";
import { flyDeployment, wanted } from "../support/fly/deployment.ts";
import { held, pushImage, pushIndex, tagsOf } from "../support/registryContent.ts";
import { type RegistryProcess, startRegistry } from "../support/registryProcess.ts";
import { scratch } from "../support/scratch.ts";

/** What the registries take as a password; Fly.io's own takes the token of the app for one. */
const token = "open-sesame";
// bcrypt of open-sesame
const hash = "$2b$05$abcdefghijklmnopqrstuutXu9KzOt.1yBoZUeFWoT/914/JfszCO";

let open: RegistryProcess;
let closed: RegistryProcess;
beforeAll(async () => {
  [open, closed] = await Promise.all([startRegistry(), startRegistry({ signIn: true })]);
});
afterAll(() => Promise.all([open.stop(), closed.stop()]));

/** Fly.io's own registry: its user is `x`, and its password the token. */
async function flyRegistry(): Promise<RegistryProcess> {
  const folder = await scratch({ htpasswd: `x:${hash}\n` });
  return startRegistry({ auth: { htpasswd: { realm: "fly", path: join(folder, "htpasswd") } } });
}

const basic = (user: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${token}`).toString("base64")}`,
});
const layers = [new Uint8Array(Buffer.from("a private layer"))];

describe("an image that needs a password", () => {
  test("is copied to Fly.io's registry first, and keeps its digest", async () => {
    const registry = await flyRegistry();
    const { digest } = await pushImage(
      ...[closed.origin, "acme/web", { layers }, undefined, basic("sluice")],
    );
    const api = await flyApi({ token, registry: registry.host });
    const { deployer, commands } = await flyDeployment(api, {
      ...{ token: `FlyV1 ${token}`, registry: registry.host },
      logins: { [closed.host]: { username: "sluice", password: token } },
    });
    const ref = `${closed.host}/acme/web@${digest}`;
    const mirrored = `${registry.host}/shop@${digest}`;
    try {
      expect(await deployer.plan(wanted(ref))).toContain(`copy ${ref} to ${mirrored}, by digest`);
      expect((await deployer.deploy(wanted(ref))).release).toBe("v1");
      expect(commands.find(([first]) => first === "deploy")).toContain(mirrored);
      const copied = await fetch(`${registry.origin}/v2/shop/manifests/${digest}`, {
        headers: { ...basic("x"), accept: "application/vnd.oci.image.manifest.v1+json" },
      });
      expect(copied.headers.get("docker-content-digest")).toBe(digest);
      expect(await deployer.running()).toEqual({ web: digest });
    } finally {
      await registry.stop();
    }
  });

  test("can't be deployed without the copy: Fly.io doesn't find it", async () => {
    const { digest } = await pushImage(
      ...[closed.origin, "acme/web", { layers }, undefined, basic("sluice")],
    );
    const api = await flyApi();
    const { deployer } = await flyDeployment(api, { fly: { mirror: false } });
    const ref = `${closed.host}/acme/web@${digest}`;
    await expect(deployer.deploy(wanted(ref))).rejects.toMatchObject({
      code: "FLY_IMAGE_NOT_FOUND",
      hint: expect.stringContaining("mirror: true") as unknown,
      reason: expect.stringContaining(`could not find image "${ref}"`) as unknown,
    });
    expect(api.apps.get("shop")!.releases).toEqual([]);
  });

  test("is not deployed when Fly.io's registry refuses the token", async () => {
    const registry = await flyRegistry();
    const { digest } = await pushImage(open.origin, "acme/web", { layers });
    const api = await flyApi({ registry: registry.host });
    const { deployer } = await flyDeployment(api, {
      ...{ fly: { mirror: true }, registry: registry.host },
    });
    try {
      const failure = deployer.deploy(wanted(`${open.host}/acme/web@${digest}`));
      await expect(failure).rejects.toMatchObject({
        code: "FLY_UNAUTHORIZED",
        reason: `${registry.host} does not let the token in FLY_API_TOKEN write shop; nothing was deployed`,
      });
      await expect(failure).rejects.not.toThrow("fly-token");
      expect(api.apps.get("shop")!.releases).toEqual([]);
    } finally {
      await registry.stop();
    }
  });
});

describe("an image that anybody may pull", () => {
  test("is not copied", async () => {
    const { digest } = await pushImage(open.origin, "acme/public", { layers });
    const api = await flyApi();
    const { deployer, commands } = await flyDeployment(api);
    const ref = `${open.host}/acme/public@${digest}`;
    await deployer.deploy(wanted(ref));
    expect(commands.find(([first]) => first === "deploy")).toContain(ref);
  });

  test("is copied where the target says so, under a tag that keeps it", async () => {
    const registry = await startRegistry();
    const { digest, bytes } = await pushImage(open.origin, "acme/public", { layers });
    const api = await flyApi({ registry: registry.host });
    const { deployer } = await flyDeployment(api, {
      ...{ fly: { mirror: true }, registry: registry.host },
    });
    try {
      await deployer.deploy(wanted(`${open.host}/acme/public@${digest}`));
      expect(await held(registry.origin, "shop", `manifests/${digest}`)).toEqual(bytes);
      expect(await tagsOf(registry.origin, "shop")).toEqual([`sluice-${digest.slice(7, 19)}`]);
    } finally {
      await registry.stop();
    }
  });
});

describe("an image for several platforms", () => {
  test("runs where machines show the digest of their platform, if the index has it", async () => {
    const amd64 = await pushImage(open.origin, "acme/both", { layers });
    const arm64 = await pushImage(open.origin, "acme/both", { layers, architecture: "arm64" });
    const { digest } = await pushIndex(open.origin, "acme/both", [amd64, arm64]);
    const api = await flyApi();
    api.apps.get("shop")!.behaviour.showsPlatform = true;
    const { deployer } = await flyDeployment(api);
    const ref = `${open.host}/acme/both@${digest}`;
    expect((await deployer.deploy(wanted(ref))).release).toBe("v1");
    const [machine] = api.apps.get("shop")!.machines.values();
    expect(machine!.image_ref.digest).toBe(amd64.digest);
    expect(await deployer.running()).toEqual({ web: digest });
    const elsewhere = await pushImage(open.origin, "acme/both", { layers, architecture: "s390x" });
    for (const one of api.apps.get("shop")!.machines.values()) {
      one.image_ref.digest = elsewhere.digest;
    }
    expect(await deployer.running()).toEqual({ web: elsewhere.digest });
  });
});
