import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RegistryClient } from "../../.dagger/src/registry/client.ts";
import { copyImage } from "../../.dagger/src/registry/copy/copy.ts";
import { moveTag } from "../../.dagger/src/registry/move.ts";
import {
  fiveLayers,
  held,
  type Pushed,
  pushImage,
  pushIndex,
  pushManifest,
  sha256,
  tagsOf,
} from "../support/registryContent.ts";
import {
  type RunningRegistry,
  startReferrersRegistry,
  startRegistry,
} from "../support/registryProcess.ts";
import { debianRegistry, distributionV3, referrersRegistry } from "../support/registryTools.ts";

/** Each does the same, whoever wrote it; one that can't be had on this machine is left out. */
const implementations = [
  {
    name: "distribution 2.8",
    program: await debianRegistry(),
    start: startRegistry,
    referrersApi: false,
    mounts: true,
  },
  {
    name: "distribution 3",
    program: await distributionV3(),
    start: startRegistry,
    referrersApi: false,
    mounts: true,
  },
  {
    name: "go-containerregistry",
    program: await referrersRegistry(),
    start: ({ program }: { program: string }) => startReferrersRegistry(program),
    referrersApi: true,
    // It has one store for all repositories, and answers every mount with an upload.
    mounts: false,
  },
];

let source: RunningRegistry;
beforeAll(async () => {
  source = await startRegistry();
});
afterAll(() => source.stop());

const clientOf = ({ host }: RunningRegistry) => new RegistryClient({ host, access: "write" });

for (const { name, program, start, referrersApi, mounts } of implementations) {
  describe.skipIf(program === undefined)(name, () => {
    let registry: RunningRegistry;
    beforeAll(async () => {
      registry = await start({ program: program ?? "" });
    });
    afterAll(() => registry.stop());

    /** An index of two images, one with a large layer. */
    async function index({ origin }: RunningRegistry, repository: string): Promise<Pushed> {
      const large = new Uint8Array(randomBytes(300_000));
      const layers = [...fiveLayers(repository), large];
      return pushIndex(
        origin,
        repository,
        [
          await pushImage(origin, repository, { layers, architecture: "amd64" }),
          await pushImage(origin, repository, { layers, architecture: "arm64" }),
        ],
        "v1",
      );
    }

    it("keeps blobs and tags", async () => {
      const client = clientOf(registry);
      const bytes = new Uint8Array(Buffer.from("a record"));
      const digest = await client.writeBlob("acme/ledger", bytes);
      expect(await client.readBlob("acme/ledger", digest)).toEqual(bytes);
      const image = await pushImage(registry.origin, "acme/ledger", { layers: [bytes] }, "v1");
      await moveTag(client, "acme/ledger", "prod", await client.get("acme/ledger", image.digest));
      expect((await client.listTags("acme/ledger")).toSorted()).toEqual(["prod", "v1"]);
      expect(await client.head("acme/ledger", "prod")).toBe(image.digest);
      expect(await client.head("acme/ledger", "v2")).toBeUndefined();
      expect(await client.listTags("acme/nothing")).toEqual([]);
    });

    it("takes an index from another registry, byte for byte", async () => {
      const pushed = await index(source, "acme/across");
      const request = {
        from: { client: clientOf(source), repository: "acme/across" },
        to: { client: clientOf(registry), repository: "acme/across" },
        digest: pushed.digest,
        tag: "prod",
      };
      expect((await copyImage(request)).blobs).toMatchObject({ copied: 8 });
      expect(await held(registry.origin, "acme/across", "manifests/prod")).toEqual(pushed.bytes);
      expect(await tagsOf(registry.origin, "acme/across")).toEqual(["prod"]);
      expect(await copyImage(request)).toMatchObject({ bytes: 0, manifests: 1 });
    });

    it("shares an index between its repositories without sending it", async () => {
      const { digest, bytes } = await index(registry, "acme/from");
      const result = await copyImage({
        from: { client: clientOf(registry), repository: "acme/from" },
        to: { client: clientOf(registry), repository: "acme/to" },
        digest,
        tag: "prod",
      });
      const small = mounts ? { mounted: 8, copied: 0, present: 0 } : { copied: 7, present: 1 };
      expect(result.blobs).toMatchObject(small);
      expect(await held(registry.origin, "acme/to", "manifests/prod")).toEqual(bytes);
    });

    it("gets along what refers to an image, from a registry without the API", async () => {
      const repository = "acme/signed";
      const image = await pushImage(source.origin, repository, { layers: fiveLayers("s") }, "v1");
      const about = (artifactType: string, subject: Pushed) =>
        pushImage(source.origin, repository, {
          layers: [new Uint8Array(Buffer.from(artifactType))],
          subject,
          artifactType,
        });
      const sbom = await about("application/vnd.example.sbom", image);
      const signature = await about("application/vnd.example.signature", sbom);
      await listed(image, sbom, "application/vnd.example.sbom");
      await listed(sbom, signature, "application/vnd.example.signature");
      const cosign = `sha256-${image.digest.slice(7)}.sig`;
      const old = await pushImage(
        source.origin,
        repository,
        { layers: [new Uint8Array(Buffer.from("old"))] },
        cosign,
      );
      const request = {
        from: { client: clientOf(source), repository },
        to: { client: clientOf(registry), repository },
        digest: image.digest,
        tag: "prod",
        referrers: true,
      };
      const result = await copyImage(request);
      expect(result.referrers.toSorted()).toEqual(
        [sbom.digest, signature.digest, old.digest].toSorted(),
      );
      const client = clientOf(registry);
      expect(await client.referrers(repository, image.digest)).toMatchObject([
        { digest: sbom.digest, size: sbom.bytes.length },
      ]);
      expect(await client.referrers(repository, image.digest, "application/other")).toEqual([]);
      expect(await client.referrers(repository, sbom.digest)).toMatchObject([
        { digest: signature.digest },
      ]);
      const fallback = [image, sbom].map(({ digest }) => digest.replace(":", "-"));
      expect(await tagsOf(registry.origin, repository)).toEqual(
        ["prod", cosign, ...(referrersApi ? [] : fallback)].toSorted(),
      );
      // Once more: nothing is written but the tag that was asked for.
      expect(await copyImage(request)).toMatchObject({ bytes: 0, manifests: 1 });
    });

    /** As clients do that push to a registry without the API. */
    async function listed(subject: Pushed, referrer: Pushed, artifactType: string): Promise<void> {
      const { mediaType, digest, bytes } = referrer;
      const manifests = [{ mediaType, digest, size: bytes.length, artifactType }];
      const type = "application/vnd.oci.image.index.v1+json";
      const text = JSON.stringify({ schemaVersion: 2, mediaType: type, manifests });
      const tag = subject.digest.replace(":", "-");
      const pushed = await pushManifest(source.origin, "acme/signed", type, text, tag);
      expect(pushed.digest).toBe(sha256(Buffer.from(text)));
    }
  });
}
