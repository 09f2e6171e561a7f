import { appRoute, logAnswer } from "./app-routes.ts";
import type { Answer, Asked } from "./asked.ts";
import { nameOf } from "./faults.ts";
import { jobRoute } from "./job-routes.ts";
import { API_VERSION, operationAnswer } from "./later.ts";
import { ArmRefusal } from "./refusal.ts";

const PERMISSIONS_VERSION = "2022-04-01";

/** What the documented endpoints answer. */
export async function route(asked: Asked): Promise<Answer> {
  const { method, url, azure } = asked;
  const [, tenant, endpoint] =
    /^\/([^/]+)\/(v2\.0\/\.well-known\/openid-configuration|oauth2\/v2\.0\/token)$/.exec(
      url.pathname,
    ) ?? [];
  if (tenant !== undefined) return signInAnswer(asked, tenant, endpoint ?? "");
  if (url.pathname.endsWith("/logstream")) return logAnswer(asked);
  authorize(asked);
  const permissions = url.pathname.endsWith("/providers/Microsoft.Authorization/permissions");
  demandVersion(asked, permissions ? PERMISSIONS_VERSION : API_VERSION);
  if (permissions) return permissionsAnswer(asked);
  const operation = /\/containerapp(OperationStatuses|OperationResults)\/([^/]+)$/.exec(
    url.pathname,
  );
  if (operation) return operationAnswer(asked, operation[1] ?? "", operation[2] ?? "");
  const [, subscription, group, kind, name, rest = ""] =
    /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.App\/(containerApps|jobs)\/([^/]+)(?:\/(.+))?$/.exec(
      url.pathname,
    ) ?? [];
  azure.requests.push(nameOf(asked) ?? `${method} ${url.pathname}`);
  if (subscription !== azure.subscription) {
    throw new ArmRefusal(
      404,
      "SubscriptionNotFound",
      `The subscription '${subscription ?? ""}' could not be found.`,
    );
  }
  if (group !== azure.group) {
    throw new ArmRefusal(
      404,
      "ResourceGroupNotFound",
      `Resource group '${group ?? ""}' could not be found.`,
    );
  }
  const steps = [method, ...rest.split("/").filter((step) => step !== "")];
  return kind === "containerApps"
    ? appRoute(asked, found(asked, azure.apps, name ?? "", kind), steps)
    : jobRoute(asked, found(asked, azure.jobs, name ?? "", "jobs"), steps);
}

function signInAnswer({ azure, method, body }: Asked, tenant: string, endpoint: string): Answer {
  // The client of Microsoft's identity service takes no other than https for an authority.
  const base = `${azure.url.replace(/^http:/, "https:")}/${tenant}`;
  if (endpoint.endsWith("openid-configuration")) {
    return {
      status: 200,
      body: {
        issuer: `${base}/v2.0`,
        authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
        token_endpoint: `${base}/oauth2/v2.0/token`,
        jwks_uri: `${base}/discovery/v2.0/keys`,
      },
    };
  }
  if (method !== "POST") return { status: 405, body: { error: "invalid_request" } };
  return azure.entra.answer(tenant, new URLSearchParams(body));
}

function authorize({ azure, authorization }: Asked): void {
  const token = /^Bearer (.+)$/.exec(authorization ?? "")?.[1];
  if (token !== undefined && azure.entra.accepts(token)) return;
  throw token === undefined
    ? new ArmRefusal(
        401,
        "AuthenticationFailed",
        "Authentication failed. The 'Authorization' header is missing.",
        { "www-authenticate": 'Bearer error="invalid_token"' },
      )
    : new ArmRefusal(
        401,
        "ExpiredAuthenticationToken",
        "The access token expiry UTC time is earlier than current UTC time.",
        {
          "www-authenticate": 'Bearer error="invalid_token"',
        },
      );
}

function demandVersion({ url }: Asked, supported: string): void {
  const version = url.searchParams.get("api-version");
  if (version !== supported) {
    throw version === null
      ? new ArmRefusal(
          400,
          "MissingApiVersionParameter",
          "The api-version query parameter (?api-version=) is required for all requests.",
        )
      : new ArmRefusal(
          400,
          "NoRegisteredProviderFound",
          `No registered resource provider found for API version '${version}'. The supported api-versions are '${supported}'.`,
        );
  }
}

function permissionsAnswer({ azure: { roles } }: Asked): Answer {
  if (roles) return { status: 200, body: { value: roles } };
  throw new ArmRefusal(
    403,
    "AuthorizationFailed",
    "The client does not have authorization to perform action 'Microsoft.Authorization/permissions/read'.",
  );
}

function found<T>({ azure }: Asked, all: Map<string, T>, name: string, kind: string): T {
  const one = all.get(name);
  if (one) return one;
  throw new ArmRefusal(
    404,
    "ResourceNotFound",
    `The Resource 'Microsoft.App/${kind}/${name}' under resource group '${azure.group}' was not found.`,
  );
}
