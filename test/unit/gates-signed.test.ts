import { describe, expect, it } from "vitest";
import type { GateFacts } from "../../.dagger/src/gates/facts.ts";
import type { ImageSignature } from "../../.dagger/src/gates/signed/signature.ts";
import type { History } from "../../.dagger/src/git/history.ts";
import { cosignSignature, signingKey } from "../support/cosign.ts";
import { digests, factsOf, otherDigests, verdict } from "../support/gateFacts.ts";

const key = signingKey();
const stranger = signingKey();

/** What the gate says when these signatures lie beside the images. */
function says(
  of: (service: string, digest: string) => ImageSignature[],
  more: Partial<GateFacts> = {},
) {
  return verdict(
    "gates: { signed: COSIGN_PUBLIC_KEY }",
    "signed",
    factsOf({
      ...{ commit: "c".repeat(40), history: {} as History },
      signatures: (service) =>
        Promise.resolve(of(service, digests[service as keyof typeof digests])),
      setting: (name) => Promise.resolve(name === "COSIGN_PUBLIC_KEY" ? key.pem : undefined),
      ...more,
    }),
  );
}

describe("the gate that wants images signed", () => {
  it.each(["ec", "ed25519", "rsa"] as const)(
    "passes for signatures by its key (%s)",
    async (type) => {
      const own = signingKey(type);
      const setting = () => Promise.resolve(own.pem);
      const result = await says((_, digest) => [cosignSignature(own, digest)], { setting });
      expect(result).toMatchObject({ outcome: "pass", evidence: { images: "2" } });
    },
  );

  it("passes when others have signed, too", async () => {
    const result = await says((_, digest) => [
      cosignSignature(stranger, digest),
      cosignSignature(key, digest),
    ]);
    expect(result.outcome).toBe("pass");
  });

  it("fails for an image that nobody signed, and names it", async () => {
    const result = await says((service, digest) =>
      service === "backend" ? [] : [cosignSignature(key, digest)],
    );
    expect(result).toMatchObject({
      outcome: "fail",
      why: "expected every image to be signed: backend@111111111111 is not signed",
      next: expect.stringContaining("cosign sign") as string,
    });
  });

  it("fails for a signature by somebody else", async () => {
    const result = await says((_, digest) => [cosignSignature(stranger, digest)]);
    expect(result.why).toContain("none of the 1 signatures of backend@111111111111 is by that key");
  });

  it("fails for a signature that is for another digest", async () => {
    const result = await says(() => [cosignSignature(key, otherDigests.backend)]);
    expect(result.why).toContain("the signature at backend@111111111111 is for 333333333333");
  });

  it("fails for a payload that was changed after it was signed", async () => {
    const result = await says((_, digest) => {
      const { payload, signature } = cosignSignature(key, otherDigests.backend);
      const text = Buffer.from(payload).toString().replace(otherDigests.backend, digest);
      return [{ payload: Buffer.from(text), signature }];
    });
    expect(result).toMatchObject({ outcome: "fail" });
    expect(result.why).toContain("is by that key");
  });

  it.each([["not base64 at all"], [""], ["AAAA"]])(
    "fails for what is no signature: %j",
    async (signature) => {
      const result = await says((_, digest) => [{ ...cosignSignature(key, digest), signature }]);
      expect(result.outcome).toBe("fail");
    },
  );

  it("fails closed when signatures can't be read", async () => {
    const signatures = () => Promise.reject(new Error("ghcr.io answered 503"));
    expect(await says(() => [], { signatures })).toMatchObject({
      outcome: "fail",
      why: "can't be found out: ghcr.io answered 503",
    });
  });

  it("fails without its key, by the name of the setting", async () => {
    const setting = () => Promise.resolve(undefined);
    expect((await says(() => [], { setting })).why).toContain(
      "COSIGN_PUBLIC_KEY is missing or empty",
    );
  });

  it.each([["no key"], [key.privatePem]])(
    "fails for a key that is none, or is private, and does not repeat it",
    async (pem) => {
      const result = await says((_, digest) => [cosignSignature(key, digest)], {
        setting: () => Promise.resolve(pem),
      });
      expect(result).toMatchObject({ outcome: "fail" });
      expect(result.why).toContain("the signing key is no public key in PEM");
      expect(JSON.stringify(result)).not.toContain(pem.slice(30, 60) || pem);
    },
  );
});
