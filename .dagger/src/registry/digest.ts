import { createHash } from "node:crypto";
import { z } from "zod";

const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** A digest in plain data. */
export const digestSchema = z.string().regex(DIGEST);

/** Whether `text` is a digest as this module compares them: `sha256:` and 64 hex digits. */
export function isDigest(text: string): boolean {
  return DIGEST.test(text);
}

/** `sha256:…` of these bytes. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** The first 12 hex digits, for people. */
export function shortDigest(digest: string): string {
  return digest.replace(/^sha256:/, "").slice(0, 12);
}

/** What a tag holds, for people: short, and "nothing" where there is no such tag. */
export function heldName(digest: string | null | undefined): string {
  return digest ? shortDigest(digest) : "nothing";
}
