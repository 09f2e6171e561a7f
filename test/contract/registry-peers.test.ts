import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RegistryClient } from "../../.dagger/src/registry/client.ts";
import { copyImage } from "../../.dagger/src/registry/copy/copy.ts";
import {
  fiveLayers,
  held,
  type Pushed,
  pushImage,
  pushIndex,
  tagsOf,
} from "../support/registryContent.ts";
import { registryPeers } from "../support/registryPeers.ts";
import { type RegistryProcess, startRegistry } from "../support/registryProcess.ts";

const run = promisify(execFile);
const peers = await registryPeers();

/** What others copy and read is what Sluice copies and reads. */
describe.skipIf(peers.length === 0)("besides other programs", () => {
  let one: RegistryProcess;
  let two: RegistryProcess;
  let index: Pushed;
  let children: Pushed[];

  beforeAll(async () => {
    [one, two] = await Promise.all([startRegistry(), startRegistry()]);
    children = [
      await pushImage(one.origin, "acme/image", { layers: fiveLayers("a"), architecture: "amd64" }),
      await pushImage(one.origin, "acme/image", { layers: fiveLayers("b"), architecture: "arm64" }),
    ];
    index = await pushIndex(one.origin, "acme/image", children, "v1");
  });
  afterAll(() => Promise.all([one.stop(), two.stop()]));

  /** All that a repository holds of the index. */
  const content = async (repository: string) => ({
    tags: await tagsOf(two.origin, repository),
    prod: (await held(two.origin, repository, "manifests/prod"))?.toString(),
    children: await Promise.all(
      children.map(async ({ digest }) =>
        (await held(two.origin, repository, `manifests/${digest}`))?.toString(),
      ),
    ),
    layers: await Promise.all(
      children.map(async ({ bytes }) => {
        const { layers } = JSON.parse(bytes.toString()) as { layers: { digest: string }[] };
        return Promise.all(
          layers.map(async ({ digest }) =>
            (await held(two.origin, repository, `blobs/${digest}`))?.toString(),
          ),
        );
      }),
    ),
  });

  for (const { name, file, copy, manifest } of peers) {
    it(`copies what ${name} copies, and ${name} reads it`, async () => {
      await copyImage({
        from: { client: new RegistryClient({ host: one.host }), repository: "acme/image" },
        to: {
          client: new RegistryClient({ host: two.host, access: "write" }),
          repository: `ours/${name}`,
        },
        digest: index.digest,
        tag: "prod",
      });
      await run(
        file,
        copy(`${one.host}/acme/image@${index.digest}`, `${two.host}/theirs/${name}:prod`),
      );
      const ours = await content(`ours/${name}`);
      expect(ours).toEqual(await content(`theirs/${name}`));
      expect(ours.prod).toBe(index.bytes.toString());
      const read = await run(file, manifest(`${two.host}/ours/${name}:prod`));
      expect(read.stdout.trimEnd()).toBe(index.bytes.toString());
    });
  }
});
