import { afterAll, beforeAll, expect, it } from "vitest";
import { signaturesOf } from "../../.dagger/src/gates/signed/read.ts";
import type { ImageSignature } from "../../.dagger/src/gates/signed/signature.ts";
import { RegistryClient } from "../../.dagger/src/registry/client.ts";
import { digestOf } from "../../.dagger/src/registry/digest.ts";
import type { Manifest } from "../../.dagger/src/registry/manifest.ts";
import { fallbackTag, referrerList } from "../../.dagger/src/registry/referrers.ts";
import { cosignSignature, signingKey } from "../support/cosign.ts";
import { type RegistryProcess, seedImage, startRegistry } from "../support/registryProcess.ts";

const repository = "acme/backend";
const key = signingKey();
let registry: RegistryProcess;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry.stop());

const client = () => new RegistryClient({ host: new URL(registry.origin).host, access: "write" });

/** A signature as cosign pushes it; answers its manifest. */
async function signatureManifest({ payload, signature }: ImageSignature): Promise<Manifest> {
  const blob = async (bytes: Uint8Array) => ({
    digest: await client().writeBlob(repository, new Uint8Array(bytes)),
    size: bytes.length,
  });
  const text = JSON.stringify({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: {
      mediaType: "application/vnd.oci.image.config.v1+json",
      ...(await blob(Buffer.from("{}"))),
    },
    layers: [
      {
        mediaType: "application/vnd.dev.cosign.simplesigning.v1+json",
        ...(await blob(payload)),
        annotations: { "dev.cosignproject.cosign/signature": signature },
      },
    ],
  });
  const bytes = new Uint8Array(Buffer.from(text));
  return {
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    digest: digestOf(bytes),
    bytes,
  };
}

/** An image without signatures; answers its digest. */
async function image(content: string): Promise<string> {
  await seedImage(registry.origin, repository, content, "v1");
  return (await client().head(repository, "v1")) ?? "";
}

it("a signature is found under the tag that cosign gives it", async () => {
  const digest = await image("tagged");
  expect(await signaturesOf(client(), repository, digest)).toEqual([]);
  const own = cosignSignature(key, digest);
  await client().put(repository, `${fallbackTag(digest)}.sig`, await signatureManifest(own));
  const [found, ...others] = await signaturesOf(client(), repository, digest);
  expect(others).toEqual([]);
  expect(found?.signature).toBe(own.signature);
  expect(Buffer.from(found?.payload ?? [])).toEqual(Buffer.from(own.payload));
});

it("a signature is found among what refers to the image, and other referrers are none", async () => {
  const digest = await image("referred");
  const manifest = await signatureManifest(cosignSignature(key, digest));
  await client().put(repository, manifest.digest, manifest);
  const entry = (artifactType: string) => ({
    ...{ mediaType: manifest.mediaType, digest: manifest.digest, size: manifest.bytes.length },
    artifactType,
  });
  const listed = async (artifactType: string) => {
    await client().put(repository, fallbackTag(digest), referrerList([entry(artifactType)]));
    return signaturesOf(client(), repository, digest);
  };
  expect(await listed("application/spdx+json")).toEqual([]);
  expect(await listed("application/vnd.dev.cosign.artifact.sig.v1+json")).toHaveLength(1);
});

it("what is no signature under that tag is none", async () => {
  const digest = await image("odd");
  await seedImage(registry.origin, repository, "something else", `${fallbackTag(digest)}.sig`);
  expect(await signaturesOf(client(), repository, digest)).toEqual([]);
});
