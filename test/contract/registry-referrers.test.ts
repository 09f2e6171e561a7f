import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { RegistryClient } from "../../.dagger/src/registry/client.ts";
import { copyImage } from "../../.dagger/src/registry/copy/copy.ts";
import {
  fiveLayers,
  held,
  type Pushed,
  pushImage,
  pushManifest,
  tagsOf,
} from "../support/registryContent.ts";
import { always, only } from "../support/registryFaults.ts";
import { answers, frontOf, type RegistryFront } from "../support/registryFront.ts";
import { type RegistryProcess, startRegistry } from "../support/registryProcess.ts";

const INDEX = "application/vnd.oci.image.index.v1+json";
let registry: RegistryProcess;
let front: RegistryFront;
let image: Pushed;
let signature: Pushed;

beforeAll(async () => {
  registry = await startRegistry();
  image = await pushImage(registry.origin, "acme/image", { layers: fiveLayers("r") }, "v1");
  signature = await pushImage(registry.origin, "acme/image", {
    layers: [new Uint8Array(Buffer.from("signature"))],
    subject: image,
  });
});
afterAll(() => registry.stop());
beforeEach(async () => {
  front = await frontOf(registry.origin);
});
afterEach(() => front.stop());

const client = () => new RegistryClient({ host: front.host, access: "write" });
const one = (digest: string, artifactType: string) => ({
  mediaType: "application/vnd.oci.image.manifest.v1+json",
  digest,
  size: 2,
  artifactType,
});
const index = (...manifests: object[]) =>
  JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests });
const list = (subject: Pushed, ...manifests: object[]) =>
  pushManifest(registry.origin, "acme/image", INDEX, index(...manifests), tagOf(subject));
const tagOf = ({ digest }: Pushed) => digest.replace(":", "-");

const copy = () =>
  copyImage({
    from: { client: client(), repository: "acme/image" },
    to: { client: client(), repository: "acme/copy" },
    digest: image.digest,
    tag: "prod",
    referrers: true,
  });

it("the API's answer is read page by page, and filtered if the registry did not", async () => {
  const [a, b] = [`sha256:${"a".repeat(64)}`, `sha256:${"b".repeat(64)}`];
  const headers = { "content-type": INDEX };
  const link = `</v2/acme/image/referrers/${image.digest}?page=2>; rel="next"`;
  const answered = () => [
    answers(200, { headers: { ...headers, link }, body: index(one(a, "sbom")) }),
    answers(200, { headers, body: index(one(b, "signature")) }),
  ];
  front.faults = answered();
  expect(await client().referrers("acme/image", image.digest)).toEqual([
    one(a, "sbom"),
    one(b, "signature"),
  ]);
  front.faults = answered();
  expect(await client().referrers("acme/image", image.digest, "signature")).toEqual([
    one(b, "signature"),
  ]);
  expect(front.seen.at(-1)).toContain("page=2");
});

it("without the API they are in a tag; without that there are none", async () => {
  expect(await client().referrers("acme/image", signature.digest)).toEqual([]);
  await list(image, one(signature.digest, "signature"));
  expect(await client().referrers("acme/image", image.digest)).toEqual([
    one(signature.digest, "signature"),
  ]);
  expect(await client().referrers("acme/image", image.digest, "sbom")).toEqual([]);
});

it("a list that leads in circles comes to an end", async () => {
  await list(image, one(signature.digest, "signature"));
  await list(signature, one(image.digest, "circle"), one(signature.digest, "circle"));
  const { referrers } = await copy();
  expect(referrers).toEqual([signature.digest]);
  expect(await tagsOf(registry.origin, "acme/copy")).toContain("prod");
});

it("what somebody else listed at the destination stays listed", async () => {
  await list(image, one(signature.digest, "signature"));
  const other = await pushImage(registry.origin, "acme/kept", { layers: fiveLayers("other") });
  const listed = one(other.digest, "theirs");
  await pushManifest(registry.origin, "acme/kept", INDEX, index(listed), tagOf(image));
  await copyImage({
    from: { client: client(), repository: "acme/image" },
    to: { client: client(), repository: "acme/kept" },
    digest: image.digest,
    referrers: true,
  });
  const found = await client().referrers("acme/kept", image.digest);
  expect(found.map(({ digest }) => digest)).toEqual([other.digest, signature.digest]);
});

it("one that can't be copied keeps the tag from moving", async () => {
  await list(image, one(signature.digest, "signature"));
  const refuse = only(new RegExp(`^PUT .*${signature.digest}`), answers(403));
  front.faults = always(refuse);
  await expect(
    copyImage({
      from: { client: client(), repository: "acme/image" },
      to: { client: client(), repository: "acme/refused" },
      digest: image.digest,
      tag: "prod",
      referrers: true,
    }),
  ).rejects.toMatchObject({ code: "REGISTRY_DENIED" });
  expect(await held(registry.origin, "acme/refused", "manifests/prod")).toBeUndefined();
});
