import { generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import type { ImageSignature } from "../../.dagger/src/gates/signed/signature.ts";

/** A key pair, its public half as cosign writes it. */
export interface SigningKey {
  pem: string;
  privateKey: KeyObject;
  privatePem: string;
}

/** A new key pair; cosign makes those on the curve P-256. */
export function signingKey(type: "ec" | "ed25519" | "rsa" = "ec"): SigningKey {
  const { publicKey, privateKey } =
    type === "ec"
      ? generateKeyPairSync("ec", { namedCurve: "P-256" })
      : type === "rsa"
        ? generateKeyPairSync("rsa", { modulusLength: 2048 })
        : generateKeyPairSync("ed25519");
  return {
    privateKey,
    pem: publicKey.export({ type: "spki", format: "pem" }).toString(),
    privatePem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

/** A signature of an image as cosign makes it: of its payload, a document of Red Hat's simple signing. */
export function cosignSignature({ privateKey }: SigningKey, digest: string): ImageSignature {
  const payload = Buffer.from(
    JSON.stringify({
      critical: {
        identity: { "docker-reference": "ghcr.io/acme/backend" },
        image: { "docker-manifest-digest": digest },
        type: "cosign container image signature",
      },
      optional: null,
    }),
  );
  const algorithm = privateKey.asymmetricKeyType === "ed25519" ? null : "sha256";
  return { payload, signature: sign(algorithm, payload, privateKey).toString("base64") };
}
