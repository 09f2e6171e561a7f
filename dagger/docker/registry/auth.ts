import { z } from "zod";
import type { RegistryCredentials } from "../types.ts";
import type { RegistryAddress } from "./address.ts";
import { denied } from "./errors.ts";
import { exchange, readBody } from "./http.ts";
import { SluiceError } from "../../core/error.ts";

const tokenAnswer = z.object({
  token: z.string().optional(),
  access_token: z.string().optional(),
});

const IDLE_MS = 10_000;
const ANSWER_LIMIT = 1024 * 1024;
/** User name under which credential helpers hand out an identity token. */
const IDENTITY_TOKEN_USER = "<token>";

/** How a registry wants to be authenticated. */
export interface Challenge {
  scheme: string;
  parameters: Record<string, string>;
}

/** Reads `WWW-Authenticate`. */
export function parseChallenge(header: string | undefined): Challenge | undefined {
  const [, scheme, rest] = /^\s*([\w-]+)\s*(.*)$/s.exec(header ?? "") ?? [];
  if (scheme === undefined || rest === undefined) return undefined;
  const parameters: Record<string, string> = {};
  for (const [, name, quoted, bare] of rest.matchAll(/(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g)) {
    if (name !== undefined) parameters[name.toLowerCase()] = quoted ?? bare ?? "";
  }
  return { scheme: scheme.toLowerCase(), parameters };
}

export function basic({ username, password }: RegistryCredentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

/** The `Authorization` that answers a challenge. Throws `REGISTRY_DENIED` when there is none. */
export async function authorize(
  registry: RegistryAddress,
  challenge: Challenge | undefined,
  scope: string,
  credentials: RegistryCredentials | undefined,
  signal: AbortSignal,
): Promise<string> {
  if (challenge?.scheme === "basic") {
    if (!credentials) throw denied(registry.name, "it asks for a user name and password");
    return basic(credentials);
  }
  const { realm, service } = challenge?.parameters ?? {};
  if (challenge?.scheme !== "bearer" || realm === undefined) {
    throw denied(registry.name, "it does not say how to authenticate");
  }
  const url = new URL(realm, registry.base);
  if (url.protocol !== "https:" && !registry.plain) {
    throw denied(registry.name, `it sends credentials over plain HTTP to ${url.host}`);
  }
  return `Bearer ${await fetchToken(registry, url, { service, scope }, credentials, signal)}`;
}

async function fetchToken(
  registry: RegistryAddress,
  url: URL,
  { service, scope }: { service: string | undefined; scope: string },
  credentials: RegistryCredentials | undefined,
  signal: AbortSignal,
): Promise<string> {
  const identity = credentials?.username === IDENTITY_TOKEN_USER;
  const form = new URLSearchParams({ ...(service === undefined ? {} : { service }), scope });
  if (identity) {
    form.set("grant_type", "refresh_token");
    form.set("refresh_token", credentials.password);
    form.set("client_id", "sluice");
  } else {
    for (const [name, value] of form) url.searchParams.append(name, value);
  }
  const response = await exchange({
    method: identity ? "POST" : "GET",
    url,
    headers: {
      ...(credentials && !identity ? { authorization: basic(credentials) } : {}),
      ...(identity ? { "content-type": "application/x-www-form-urlencoded" } : {}),
    },
    ...(identity ? { body: Buffer.from(form.toString()) } : {}),
    idleMs: IDLE_MS,
    signal,
  });
  const text = (await readBody(response, ANSWER_LIMIT)).toString();
  if (response.statusCode !== 200) {
    throw denied(registry.name, `${url.host} gave no token (HTTP ${response.statusCode ?? 0})`);
  }
  const parsed = tokenAnswer.safeParse(parseJson(text));
  const token = parsed.data?.token ?? parsed.data?.access_token;
  if (token === undefined) {
    throw new SluiceError("REGISTRY_ERROR", `${url.host} answered without a token`);
  }
  return token;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
