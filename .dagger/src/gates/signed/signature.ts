import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { z } from "zod";
import { SluiceError } from "../../error.ts";

/** A signature as it lies beside an image. */
export interface ImageSignature {
  /** What was signed: a JSON document that names the image. */
  payload: Uint8Array;
  /** Base64. */
  signature: string;
}

/** Of cosign's payload what is looked at (sigstore/cosign, specs/SIGNATURE_SPEC.md). */
const payloadSchema = z.object({
  critical: z.object({
    type: z.literal("cosign container image signature"),
    image: z.object({ "docker-manifest-digest": z.string() }),
  }),
});

/**
 * Digests that a key signed: what was signed with another key, or is no statement about an image,
 * says nothing.
 */
export function digestsSignedBy(key: KeyObject, signatures: readonly ImageSignature[]): string[] {
  return signatures.flatMap(({ payload, signature }) => {
    const bytes = Buffer.from(signature, "base64");
    // Ed25519 has its own digest.
    const algorithm = key.asymmetricKeyType === "ed25519" ? null : "sha256";
    if (!verify(algorithm, payload, key, bytes)) return [];
    const said = payloadSchema.safeParse(parsed(payload));
    return said.success ? [said.data.critical.image["docker-manifest-digest"]] : [];
  });
}

function parsed(payload: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(payload).toString("utf8"));
  } catch {
    return undefined;
  }
}

/**
 * A public key in PEM.
 *
 * @throws SluiceError `SIGNING_KEY_INVALID`
 */
export function publicKey(pem: string): KeyObject {
  // Of a private key the public half could be taken, but it has no business here.
  if (!pem.includes("PRIVATE KEY")) {
    try {
      return createPublicKey(pem.replaceAll("\\n", "\n"));
    } catch {
      // Said below, without the text.
    }
  }
  throw new SluiceError("SIGNING_KEY_INVALID", "the signing key is no public key in PEM", {
    hint: "give what cosign generate-key-pair writes as cosign.pub",
  });
}
