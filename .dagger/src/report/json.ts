import { verificationSchema, type Verification } from "../verify/model.ts";

/** The verification as JSON, for scripts and for the ledger. */
export function toJson(verification: Verification): string {
  return `${JSON.stringify(verification, null, 2)}\n`;
}

/** Reads what `toJson` wrote; throws a ZodError on anything else. */
export function fromJson(text: string): Verification {
  return verificationSchema.parse(JSON.parse(text));
}
