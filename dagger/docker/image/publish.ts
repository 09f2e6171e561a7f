import { SluiceError } from "../../core/error.ts";
import { RegistryClient } from "../registry/client.ts";
import { credentialsFor } from "../registry/credentials.ts";
import { pushImage } from "../registry/push.ts";
import { formatReference, parseReference } from "../registry/reference.ts";
import type { ImageAssembly, Runtime } from "../types.ts";
import type { Workshop } from "../workshop.ts";
import { assemble, rootManifest } from "./assemble.ts";
import { rememberDigest } from "./digests.ts";

/** Assembles and pushes; answers the address with the digest. */
export async function publish(
  workshop: Workshop,
  address: string,
  assembly: ImageAssembly,
  options: Parameters<Runtime["publish"]>[2],
): Promise<string> {
  const reference = parseReference(address);
  if (reference.digest !== undefined) {
    throw new SluiceError(
      "INVALID_REFERENCE",
      `cannot publish to ${address}: a digest follows from the image`,
      { hint: "Name the tag to publish under." },
    );
  }
  const [image, credentials] = await Promise.all([
    assemble(workshop, assembly),
    credentialsFor(reference.registry, options.credentials),
  ]);
  const client = new RegistryClient(reference, {
    credentials,
    ...(options.dial === undefined ? {} : { dial: options.dial }),
    push: true,
    signal: workshop.signal,
  });
  const digest = await pushImage(client, workshop.store, image, reference.tag ?? "latest");
  await rememberDigest(workshop, rootManifest(image).digest, image);
  return `${formatReference(reference)}@${digest}`;
}
