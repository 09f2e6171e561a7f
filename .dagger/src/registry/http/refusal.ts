import { z } from "zod";
import { hints, RegistryError, type RegistryErrorCode } from "../failure.ts";
import { jsonOf } from "../json.ts";
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
  const code = codeOf(reply);
  // A secret that is cut off would not be recognised any more.
  const words = shortened(scrub(wordsOf(reply)));
  return new RegistryError(code, `${what}: HTTP ${status}${words === "" ? "" : `, ${words}`}`, {
    status,
    transient: TRANSIENT.includes(status),
    retryAfterMs: retryAfterMs(headers.get("retry-after")),
    hint: hints[code],
  });
}

function codeOf(reply: Reply): RegistryErrorCode {
  const { status } = reply;
  // With any status: distribution 2 answers 500 if there is something else wrong, too.
  if (saidBy(reply).some(({ code }) => code === "MANIFEST_BLOB_UNKNOWN")) return "BLOB_NOT_FOUND";
  if (status === 401) return "REGISTRY_UNAUTHORIZED";
  if (status === 403) return "REGISTRY_DENIED";
  if (status === 404) return "MANIFEST_NOT_FOUND";
  if (status === 413) return "UPLOAD_TOO_LARGE";
  if (status === 429) return "REGISTRY_RATE_LIMITED";
  if (status === 507) return "REGISTRY_FULL";
  return status >= 500 || status === 408 ? "REGISTRY_UNAVAILABLE" : "REGISTRY_REFUSED";
}

/** The errors in the registry's own form; none from a proxy that doesn't speak its language. */
function saidBy({ bytes }: Reply): z.output<typeof errorBody>["errors"] {
  return errorBody.safeParse(jsonOf(bytes)).data?.errors ?? [];
}

/** What the registry says about it. */
function wordsOf(reply: Reply): string {
  const text = new TextDecoder().decode(reply.bytes);
  const errors = saidBy(reply);
  const words = errors.map(({ code, message }) => [code, message].filter(Boolean).join(": "));
  // A page in HTML helps nobody.
  if (errors.length === 0 && /^\s*</.test(text)) return "";
  return errors.length > 0 ? words.join("; ") : text;
}

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line;
}
