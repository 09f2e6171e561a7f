import { CommandError } from "./commandError.ts";

const { FLY_API_TOKEN, FLY_ACCESS_TOKEN, FLY_API_BASE_URL, FLY_FLAPS_BASE_URL } = process.env;

/** Ends as flyctl does where nobody is signed in. */
export function requireSession(): string {
  const token = (FLY_ACCESS_TOKEN ?? FLY_API_TOKEN ?? "").replace(/^(?:FlyV1|Bearer) /, "");
  if (token !== "") return token;
  throw new CommandError("No access token available. Please login with 'flyctl auth login'");
}

/** Asks the GraphQL API. */
export async function graphql<T>(query: string, variables: object): Promise<T> {
  const url = `${FLY_API_BASE_URL ?? "https://api.fly.io"}/graphql`;
  const { status, text } = await exchange(url, "POST", { query, variables });
  if (status !== 200)
    throw new CommandError(`graphql: server returned a non-200 status code: ${status}`);
  const { data, errors } = JSON.parse(text) as { data?: T; errors?: { message: string }[] };
  if (errors?.[0]) throw new CommandError(errors[0].message);
  return data as T;
}

/**
 * Asks the Machines API.
 *
 * @param what for the message: `list VMs`
 */
export async function flaps<T>(
  what: string,
  method: string,
  path: string,
  body?: object,
  nonce?: string,
): Promise<T> {
  const url = `${FLY_FLAPS_BASE_URL ?? "https://api.machines.dev"}/v1/apps/${path}`;
  const failed = (reason: string) => new CommandError(`failed to ${what}: ${reason}`);
  const headers: Record<string, string> =
    nonce === undefined ? {} : { "fly-machine-lease-nonce": nonce };
  const { status, text } = await exchange(url, method, body, headers).catch((error: unknown) => {
    throw failed(error instanceof Error ? error.message : String(error));
  });
  if (status < 300) return JSON.parse(text) as T;
  throw failed(messageIn(text) ?? `request returned non-2xx status: ${status}: ${text}`);
}

/** Log lines, as the API keeps them. */
export async function appLogs(app: string): Promise<{ message: string; timestamp: string }[]> {
  const url = `${FLY_API_BASE_URL ?? "https://api.fly.io"}/api/v1/apps/${app}/logs?next_token=`;
  const { status, text } = await exchange(url, "GET", undefined);
  if (status !== 200) throw new CommandError(`${status}`);
  const { data } = JSON.parse(text) as {
    data: { attributes: { message: string; timestamp: string } }[];
  };
  return data.map(({ attributes }) => attributes);
}

async function exchange(
  url: string,
  method: string,
  body: object | undefined,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; text: string }> {
  try {
    const answer = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${requireSession()}`,
        ...(body ? { "content-type": "application/json" } : {}),
        ...headers,
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: answer.status, text: await answer.text() };
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const { code = "EOF" } = (error as { cause?: { code?: string } }).cause ?? {};
    const verb = method.slice(0, 1) + method.slice(1).toLowerCase();
    const said: Readonly<Record<string, string>> = {
      ECONNREFUSED: "dial tcp: connect: connection refused",
      ECONNRESET: "read tcp: read: connection reset by peer",
      UND_ERR_SOCKET: "EOF",
    };
    throw new CommandError(`${verb} "${url}": ${said[code] ?? code}`);
  }
}

function messageIn(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { error?: string }).error;
  } catch {
    return undefined;
  }
}
