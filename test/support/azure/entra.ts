import { randomUUID } from "node:crypto";

/** Who may sign in. */
export interface EntraApplication {
  tenant: string;
  client: string;
  secret: string;
  /** The token of a CI that it trusts. */
  assertion: string;
}

/** Hands out tokens, and knows those that it handed out. */
export interface Entra {
  /** Answers a token request; its status and body. */
  answer(tenant: string, form: URLSearchParams): { status: number; body: object };
  accepts(token: string): boolean;
  /** How many were handed out. */
  issued(): number;
  /** From now on, none of those that were handed out is accepted. */
  expireAll(): void;
}

const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** Client credentials of OAuth 2 as Microsoft Entra ID documents them, with its own errors. */
export function entra(application: EntraApplication, scope: () => string): Entra {
  const valid = new Set<string>();
  let issued = 0;
  return {
    issued: () => issued,
    accepts: (token) => valid.has(token),
    expireAll: () => {
      valid.clear();
    },
    answer(tenant, form) {
      const refused = refusalOf(application, scope(), tenant, form);
      if (refused) return { status: refused.status, body: refused };
      const token = `entra-${randomUUID()}`;
      valid.add(token);
      issued++;
      const expires = { expires_in: 3599, ext_expires_in: 3599 };
      return { status: 200, body: { token_type: "Bearer", ...expires, access_token: token } };
    },
  };
}

function refusalOf(
  { tenant, client, secret, assertion }: EntraApplication,
  scope: string,
  asked: string,
  form: URLSearchParams,
) {
  const error = (status: number, name: string, number: number, text: string) => ({
    status,
    error: name,
    error_description: `AADSTS${number}: ${text}`,
    error_codes: [number],
  });
  if (form.get("grant_type") !== "client_credentials") {
    return error(
      400,
      "unsupported_grant_type",
      70003,
      "The app requested an unsupported grant type.",
    );
  }
  if (asked !== tenant) {
    return error(400, "invalid_request", 90002, `Tenant '${asked}' not found.`);
  }
  if (form.get("client_id") !== client) {
    return error(
      400,
      "unauthorized_client",
      700016,
      `Application with identifier '${form.get("client_id") ?? ""}' was not found in the directory '${asked}'.`,
    );
  }
  if (form.get("scope") !== scope) {
    return error(
      400,
      "invalid_scope",
      1002012,
      `The provided value for scope ${form.get("scope") ?? ""} is not valid.`,
    );
  }
  const byAssertion = form.get("client_assertion_type") === ASSERTION_TYPE;
  if (byAssertion && form.get("client_assertion") !== assertion) {
    return error(
      401,
      "invalid_client",
      700024,
      "Client assertion is not within its valid time range.",
    );
  }
  if (!byAssertion && form.get("client_secret") !== secret) {
    return error(401, "invalid_client", 7000215, "Invalid client secret provided.");
  }
  return undefined;
}
