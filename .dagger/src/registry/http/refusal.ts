import { z } from "zod";
import { hints, RegistryError, type RegistryErrorCode } from "../failure.ts";
import { retryAfterMs } from "./retry-after.ts";
import type { Reply } from "./send.ts";

const TRANSIENT = [408, 429, 500, 502, 503, 504];
const SHOWN = 200;

const errorBody = z.object({
  errors: z.array(z.object({ code: z.string().optional(), message: z.string().optional() })).min(1),
});

/**
 * What an answer that is no success means.
 *
 * @param what what was asked, for the message: `GET ghcr.io/acme/backend:prod`
 * @param scrub takes secrets out of what the registry says
 */
export function refusal(
  what: string,
  reply: Reply,
  scrub: (text: string) => string,
): RegistryError {
  const { status, headers } = reply;
  const code = codeOf(status);
  const words = scrub(wordsOf(reply));
  return new RegistryError(code, `${what}: HTTP ${status}${words === "" ? "" : `, ${words}`}`, {
    status,
    transient: TRANSIENT.includes(status),
    retryAfterMs: retryAfterMs(headers.get("retry-after")),
    hint: hints[code],
  });
}

function codeOf(status: number): RegistryErrorCode {
  if (status === 401) return "REGISTRY_UNAUTHORIZED";
  if (status === 403) return "REGISTRY_DENIED";
  if (status === 404) return "MANIFEST_NOT_FOUND";
  if (status === 429) return "REGISTRY_RATE_LIMITED";
  return status >= 500 || status === 408 ? "REGISTRY_UNAVAILABLE" : "REGISTRY_REFUSED";
}

/** What the registry says about it, on one short line. */
function wordsOf({ bytes }: Reply): string {
  const text = new TextDecoder().decode(bytes);
  let words = text;
  try {
    const { errors } = errorBody.parse(JSON.parse(text));
    words = errors
      .map(({ code, message }) => [code, message].filter(Boolean).join(": "))
      .join("; ");
  } catch {
    // Not every proxy in front of a registry speaks its language; a page in HTML helps nobody.
    if (/^\s*</.test(text)) return "";
  }
  const line = words.replaceAll(/\s+/g, " ").trim();
  return line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line;
}
