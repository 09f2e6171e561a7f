import { randomBytes, verify } from "node:crypto";
import { notFound, type Call, type Reply, type Routes } from "./call.ts";
import { exampleOf } from "./openapi.ts";
import { shown } from "./present.ts";
import type { Actor } from "./state.ts";

const HOUR_MS = 3_600_000;
const TEN_MINUTES_S = 600;

/** A GitHub App that is installed on the repository. */
export interface AppSettings {
  readonly id: string;
  /** In PEM. */
  readonly publicKey: string;
  readonly installation: number;
  /** What its tokens may do. */
  readonly permissions: Readonly<Record<string, "read" | "write">>;
}

/** Who may ask. */
export interface Credentials {
  /** By token. */
  readonly tokens: Map<string, Actor>;
  readonly app: AppSettings | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Who asks: undefined for somebody without a token, `app` for an App itself. */
export type Asker = Actor | "app" | undefined;

const NEEDED: readonly (readonly [RegExp, string])[] = [
  [/^checks\//, "checks"],
  [/^repos\/.*commit-status/, "statuses"],
  [/^repos\/.*deployment/, "deployments"],
  [/^repos\/.*release/, "contents"],
  [/^git\//, "contents"],
  [/^issues\//, "issues"],
  [/^pulls\//, "pull_requests"],
];

/** Who sends an `Authorization`, or the answer to one that isn't right. */
export function askerOf(
  header: string | undefined,
  credentials: Credentials,
): { asker?: Asker; refused?: Reply } {
  if (header === undefined) return {};
  const [, token = ""] = /^(?:token|bearer) (\S+)$/i.exec(header) ?? [];
  if (token.split(".").length === 3) {
    const fault = jwtFault(token, credentials);
    return fault === undefined ? { asker: "app" } : { refused: unauthorized(fault) };
  }
  const actor = credentials.tokens.get(token);
  const valid = actor !== undefined && (actor.expiresAt ?? Infinity) > credentials.now();
  return valid ? { asker: actor } : { refused: unauthorized("Bad credentials") };
}

/** What keeps somebody from doing something; undefined for nothing. */
export function refusalOf(
  asker: Asker,
  operation: string,
  write: boolean,
  hidden: boolean,
): Reply | undefined {
  if (operation.startsWith("apps/")) {
    return asker === "app" ? undefined : unauthorized("A JSON web token could not be decoded");
  }
  if (asker === "app") return unauthorized("Bad credentials");
  if (asker === undefined) {
    if (hidden) return notFound;
    return write ? unauthorized("Requires authentication") : undefined;
  }
  const needed = NEEDED.find(([pattern]) => pattern.test(operation))?.[1];
  if (needed === undefined || asker.permissions === undefined) return undefined;
  const has = asker.permissions[needed];
  if (has === "write" || (has === "read" && !write)) return undefined;
  if (Object.keys(asker.permissions).length === 0 && hidden) return notFound;
  const kind = asker.type === "Bot" ? "integration" : "personal access token";
  return { status: 403, body: { message: `Resource not accessible by ${kind}` } };
}

/** What an App asks for itself. */
export function appRoutes({ app, tokens, now }: Credentials): Routes {
  return {
    "apps/get-repo-installation": (call) => (app ? installationShown(call, app) : notFound),
    "apps/create-installation-access-token": ({ params }) => {
      if (Number(params.installation_id) !== app?.installation) return notFound;
      const token = `ghs_${randomBytes(18).toString("hex")}`;
      const expiresAt = now() + HOUR_MS;
      const { permissions } = app;
      tokens.set(token, { login: "sluice[bot]", type: "Bot", permissions, expiresAt });
      const expires_at = new Date(expiresAt).toISOString();
      return {
        status: 201,
        body: { token, expires_at, permissions, repository_selection: "all" },
      };
    },
  };
}

function installationShown({ url }: Call, app: AppSettings): Reply {
  const { account } = exampleOf("installation") as { account: object };
  const { installation: id, permissions } = app;
  const api = url.replace(/\/repos\/.*$/, "");
  const access_tokens_url = `${api}/app/installations/${id}/access_tokens`;
  const body = shown("installation", { id, account, permissions, access_tokens_url });
  return { status: 200, body };
}

/** What is wrong with the token that an App makes for itself. */
function jwtFault(token: string, { app, now }: Credentials): string | undefined {
  const [head = "", body = "", signature = ""] = token.split(".");
  const read = (part: string) => {
    try {
      return JSON.parse(Buffer.from(part, "base64url").toString()) as Record<string, unknown>;
    } catch {
      return {};
    }
  };
  const claims = read(body);
  const signed = Buffer.from(`${head}.${body}`);
  const right =
    app !== undefined &&
    read(head).alg === "RS256" &&
    verify("RSA-SHA256", signed, app.publicKey, Buffer.from(signature, "base64url"));
  if (!right) return "A JSON web token could not be decoded";
  if (String(claims.iss) !== app.id) return "Integration not found";
  const seconds = now() / 1000;
  if (Number(claims.iat) > seconds) return "'Issued at' claim ('iat') is in the future";
  if (Number(claims.exp) <= seconds) return "'Expiration time' claim ('exp') has passed";
  if (Number(claims.exp) > seconds + TEN_MINUTES_S) {
    return "'Expiration time' claim ('exp') is too far in the future";
  }
  return undefined;
}

function unauthorized(message: string): Reply {
  return {
    status: 401,
    body: { message, documentation_url: "https://docs.github.com/rest", status: "401" },
  };
}
