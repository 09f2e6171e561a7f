import { SluiceError } from "../../error.ts";

const BY_DIGEST = /@(sha256:[0-9a-f]{64})$/;

/** The digest in a reference. Throws when it is not by digest: a tag may move under a verification. */
export function digestOf(ref: string): string {
  const digest = BY_DIGEST.exec(ref)?.[1];
  if (digest === undefined) {
    throw new SluiceError(
      "VERIFY_INPUT_INVALID",
      `${ref}: expected a reference by digest (name@sha256:…)`,
      { hint: "Resolve the tag to its digest first." },
    );
  }
  return digest;
}
