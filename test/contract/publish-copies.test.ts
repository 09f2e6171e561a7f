import { afterAll, beforeAll, expect, it } from "vitest";
import { publishCandidate } from "../../.dagger/src/publish/publish.ts";
import { RegistryClient } from "../../.dagger/src/registry/client.ts";
import { referrerList } from "../../.dagger/src/registry/referrers.ts";
import { type RegistryProcess, seedImage, startRegistry } from "../support/registryProcess.ts";
import { promoteIn, publishIn, inYard, type Yard } from "../support/shipyard.ts";

const commit = "a".repeat(40);
const services = ["backend", "frontend"];
const sbom = "application/spdx+json";

let registries: RegistryProcess[];
beforeAll(async () => {
  registries = await Promise.all([startRegistry(), startRegistry()]);
});
afterAll(() => Promise.all(registries.map((registry) => registry.stop())));

function yard(name: string): Yard {
  const [ghcr = "", dockerhub = ""] = registries.map(({ host }) => host);
  return { name, services, registries: { ghcr, dockerhub } };
}

/** Attaches something to an image in one registry, as tools do where the referrers API is absent. */
async function attach(at: RegistryProcess, repository: string, subject: string): Promise<string> {
  const { digest, mediaType, bytes } = await seedImage(at.origin, repository, `SBOM of ${subject}`);
  const list = referrerList([{ mediaType, digest, size: bytes.length, artifactType: sbom }]);
  const client = new RegistryClient({ host: at.host, access: "write" });
  await client.put(repository, subject.replace(":", "-"), list);
  return digest;
}

it("brings what one registry lacks from the other one, with what is attached, and builds nothing", async () => {
  const own = yard("lacking");
  const [first, second] = registries as [RegistryProcess, RegistryProcess];
  await publishIn(own, [first.origin], commit);
  const reader = new RegistryClient({ host: first.host });
  const digest = (await reader.head("lacking/backend", `sha-${commit}`)) ?? "";
  const attached = await attach(first, "lacking/backend", digest);
  const told: string[] = [];
  const candidate = await inYard(own, (release) =>
    publishCandidate({
      ...{ pipeline: release.pipeline, registries: release.registries },
      revision: { commit, changed: [] },
      build: () => Promise.reject(new Error("nothing has to be built")),
      onProgress: (line) => told.push(line),
    }),
  );
  expect(candidate.services.map(({ refs }) => Object.keys(refs))).toEqual([
    ["ghcr", "dockerhub"],
    ["ghcr", "dockerhub"],
  ]);
  expect(told).toHaveLength(2);
  for (const line of told) expect(line).toMatch(/^\S+ is copied from \S+$/);
  const other = new RegistryClient({ host: second.host });
  expect(await other.head("lacking/backend", `sha-${commit}`)).toBe(digest);
  expect((await other.referrers("lacking/backend", digest)).map((one) => one.digest)).toEqual([
    attached,
  ]);
});

it("a promotion lets what is attached to an image be in every registry", async () => {
  const own = yard("attached");
  const [first, second] = registries as [RegistryProcess, RegistryProcess];
  await publishIn(
    own,
    registries.map(({ origin }) => origin),
    commit,
  );
  const digest =
    (await new RegistryClient({ host: first.host }).head("attached/frontend", `sha-${commit}`)) ??
    "";
  const attached = await attach(second, "attached/frontend", digest);
  await promoteIn(own, commit);
  const found = await new RegistryClient({ host: first.host }).referrers(
    "attached/frontend",
    digest,
  );
  expect(found).toMatchObject([{ digest: attached, artifactType: sbom }]);
});
