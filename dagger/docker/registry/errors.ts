import { z } from "zod";
import { SluiceError } from "../../core/error.ts";

const errorBody = z.object({
  errors: z.array(z.object({ code: z.string().optional(), message: z.string().optional() })),
});

/** What a registry says went wrong, in one line of bounded length. */
export function wordsOf(body: string): string {
  let words = body;
  try {
    const { errors } = errorBody.parse(JSON.parse(body));
    words = errors
      .map(({ code, message }) => [code, message].filter(Boolean).join(": "))
      .join("; ");
  } catch {
    // Not the registry API's own form: shown as it is.
  }
  return words.replace(/\s+/g, " ").trim().slice(0, 300);
}

/** The error for an answer with `status`. */
export function registryRefusal(status: number, words: string, subject: string): SluiceError {
  const detail = words === "" ? `HTTP ${status}` : `${words} (HTTP ${status})`;
  const host = subject.split("/", 1)[0] ?? subject;
  switch (status) {
    case 401:
    case 403:
      return denied(subject, detail);
    case 404:
      return notFound(subject, detail);
    case 429:
      return rateLimited(subject, detail);
    case 413:
    case 507:
      return new SluiceError("REGISTRY_FULL", `${host} has no room for ${subject}: ${detail}`, {
        hint: "Free space in the registry, or raise its size limit, then run the command again.",
      });
    default:
      return new SluiceError("REGISTRY_ERROR", `${host} failed for ${subject}: ${detail}`, {
        hint: status >= 500 ? "The registry has trouble of its own; try again later." : undefined,
      });
  }
}

export function unreachable(subject: string, why: string, cause?: unknown): SluiceError {
  const host = subject.split("/", 1)[0] ?? subject;
  return new SluiceError("REGISTRY_UNREACHABLE", `cannot reach ${host} for ${subject}: ${why}`, {
    hint: "Check the name of the registry, the network and any proxy.",
    cause,
  });
}

export function denied(subject: string, why: string): SluiceError {
  return new SluiceError("REGISTRY_DENIED", `access to ${subject} was denied: ${why}`, {
    hint: "Check the name, and give credentials with withRegistryAuth or docker login.",
  });
}

export function notFound(subject: string, why: string): SluiceError {
  return new SluiceError("IMAGE_NOT_FOUND", `${subject} was not found: ${why}`, {
    hint: "Check the name, the tag or digest, and that it was pushed to this registry.",
  });
}

export function rateLimited(subject: string, why: string): SluiceError {
  return new SluiceError("REGISTRY_RATE_LIMITED", `rate limit reached for ${subject}: ${why}`, {
    hint: "Wait as long as the registry asks, or log in for a higher limit.",
  });
}
