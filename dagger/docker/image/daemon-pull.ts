import { z } from "zod";
import type { SluiceError } from "../../core/error.ts";
import { DaemonError, isDiskFull, refusal } from "../daemon/errors.ts";
import { jsonLines } from "../daemon/lines.ts";
import { denied, notFound, rateLimited, unreachable } from "../registry/errors.ts";
import { type Reference, formatReference } from "../registry/reference.ts";
import type { PulledImage, RegistryCredentials } from "../types.ts";
import type { Workshop } from "../workshop.ts";

const pullProgress = z.object({ status: z.string().optional(), error: z.string().optional() });

/** Lets the daemon pull, with its own mirrors, proxies and certificates. */
export async function daemonPull(
  workshop: Workshop,
  reference: Reference,
  platform: string,
  credentials: RegistryCredentials | undefined,
): Promise<PulledImage> {
  const { daemon, images, signal, progress } = workshop;
  const { repository, tag = "latest", digest: wanted } = reference;
  const name = formatReference(reference);
  let digest = wanted;
  try {
    const answer = await daemon.stream("POST", "/images/create", {
      query: { fromImage: repository, tag: wanted ?? tag, platform },
      headers: credentials ? { "x-registry-auth": registryAuth(reference, credentials) } : {},
      signal,
    });
    for await (const line of jsonLines(answer)) {
      const { status, error } = pullProgress.parse(line);
      if (error !== undefined) throw pullFailure(error, name);
      digest = /^Digest: (sha256:[0-9a-f]{64})/.exec(status ?? "")?.[1] ?? digest;
      if (status?.startsWith("Status: ")) progress(status.slice("Status: ".length));
    }
  } catch (error) {
    throw error instanceof DaemonError ? pullFailure(error.reason, name, error) : error;
  }
  const image = await images.inspect(wanted === undefined ? name : `${repository}@${wanted}`);
  return {
    ...image,
    ref: digest === undefined ? null : `${repository}@${digest}`,
    standIn: false,
  };
}

function registryAuth({ registry }: Reference, { username, password }: RegistryCredentials) {
  const serveraddress = registry === "docker.io" ? "https://index.docker.io/v1/" : registry;
  const fields =
    username === "<token>"
      ? { identitytoken: password, serveraddress }
      : { username, password, serveraddress };
  return Buffer.from(JSON.stringify(fields)).toString("base64url");
}

/** Gives the daemon's words about a failed pull their code. */
export function pullFailure(words: string, name: string, cause?: DaemonError): SluiceError {
  if (isDiskFull(words)) return refusal(cause?.status ?? 500, words, `to pull ${name}`);
  if (/toomanyrequests|too many requests|rate limit/i.test(words)) return rateLimited(name, words);
  if (/manifest (?:for .* )?(?:not found|unknown)|no matching manifest|name unknown/i.test(words)) {
    return notFound(name, words);
  }
  if (/denied|unauthorized|authentication required|no basic auth|forbidden/i.test(words)) {
    return denied(name, words);
  }
  if (
    /\bdial\b|lookup|no such host|timeout|deadline|refused|unreachable|EOF|x509|tls:|reset by peer|server gave HTTP response|proxyconnect/i.test(
      words,
    )
  ) {
    return unreachable(name, words, cause);
  }
  return notFound(name, words);
}
