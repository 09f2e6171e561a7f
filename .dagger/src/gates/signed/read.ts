import { z } from "zod";
import type { RegistryClient } from "../../registry/client.ts";
import { digestSchema } from "../../registry/digest.ts";
import { jsonOf } from "../../registry/json.ts";
import type { Manifest } from "../../registry/manifest.ts";
import type { ImageSignature } from "./signature.ts";

const PAYLOAD = "application/vnd.dev.cosign.simplesigning.v1+json";
const REFERRER = "application/vnd.dev.cosign.artifact.sig.v1+json";
const ANNOTATION = "dev.cosignproject.cosign/signature";

const signatureManifest = z.object({
  layers: z.array(
    z.object({
      mediaType: z.string(),
      digest: digestSchema,
      annotations: z.record(z.string(), z.string()).optional(),
    }),
  ),
});

/**
 * Cosign's signatures of an image: under the tag `sha256-<hex>.sig`, and among what refers to it.
 *
 * @throws RegistryError when the registry can't be asked
 */
export async function signaturesOf(
  client: Pick<RegistryClient, "find" | "get" | "referrers" | "readBlob">,
  repository: string,
  digest: string,
): Promise<ImageSignature[]> {
  const [tagged, referring] = await Promise.all([
    client.find(repository, `${digest.replace(":", "-")}.sig`),
    client.referrers(repository, digest, REFERRER),
  ]);
  const manifests = [
    ...(tagged ? [tagged] : []),
    ...(await Promise.all(referring.map((one) => client.get(repository, one.digest)))),
  ];
  const all = await Promise.all(manifests.map((one) => signaturesIn(client, repository, one)));
  return all.flat();
}

async function signaturesIn(
  client: Pick<RegistryClient, "readBlob">,
  repository: string,
  { bytes }: Manifest,
): Promise<ImageSignature[]> {
  const read = signatureManifest.safeParse(jsonOf(bytes));
  const layers = read.success ? read.data.layers : [];
  const signed = layers.flatMap(({ mediaType, digest, annotations }) => {
    const signature = annotations?.[ANNOTATION];
    return mediaType === PAYLOAD && signature !== undefined ? [{ digest, signature }] : [];
  });
  return Promise.all(
    signed.map(async ({ digest, signature }) => ({
      payload: await client.readBlob(repository, digest),
      signature,
    })),
  );
}
