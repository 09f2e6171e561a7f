import type { Answer, Asked } from "./asked.ts";
import type { Operations } from "./operations.ts";

/** The version of the Container Apps API that is served. */
export const API_VERSION = "2025-07-01";
/** Small, so that a few items make pages. */
const PER_PAGE = 2;

/** Azure answers later: at the operation's own address, and at its result's. */
export function accepted(
  { azure, operations }: Asked,
  operation: Parameters<Operations["begin"]>[0],
): Answer {
  const { id } = operations.begin(operation);
  const base = `${azure.url}/subscriptions/${azure.subscription}/providers/Microsoft.App/locations/northeurope`;
  const query = `?api-version=${API_VERSION}&azureAsyncOperation=true`;
  return {
    status: 202,
    headers: {
      "retry-after": "0",
      location: `${base}/containerappOperationResults/${id}?api-version=${API_VERSION}`,
      "azure-asyncoperation": `${base}/containerappOperationStatuses/${id}${query}`,
    },
  };
}

/** How an operation is getting on, or what it came to. */
export function operationAnswer({ operations, url }: Asked, kind: string, id: string): Answer {
  const { inProgress, end, result } = operations.look(id);
  const headers = { "retry-after": "0" };
  if (kind === "OperationResults") {
    return inProgress
      ? { status: 202, headers: { ...headers, location: url.href } }
      : { status: 200, body: result ?? {} };
  }
  const { status, code, message } = end;
  const error = status === "Failed" ? { error: { code, message } } : {};
  const body = inProgress
    ? { id, name: id, status: "InProgress" }
    : { id, name: id, status, ...error };
  return { status: 200, body, headers };
}

/** One page of a list. */
export function page<T>(url: URL, all: readonly T[], answer: (one: T) => object): Answer {
  const skip = Number(url.searchParams.get("$skipToken") ?? "0");
  const next = new URL(url);
  next.searchParams.set("$skipToken", String(skip + PER_PAGE));
  const value = all.slice(skip, skip + PER_PAGE).map(answer);
  const more = skip + PER_PAGE < all.length ? { nextLink: next.href } : {};
  return { status: 200, body: { value, ...more } };
}
