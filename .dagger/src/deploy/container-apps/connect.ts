import type { ContainerAppsAPIClient } from "@azure/arm-appcontainers";
import { isLoopback } from "./address.ts";
import type { Pace } from "./pace.ts";
import { exactBodies, retrying, signing } from "./policies.ts";
import type { SignIn } from "./sign-in.ts";

/** The client, and the bodies that it is to send in the place of its own. */
export interface Connection {
  client: ContainerAppsAPIClient;
  /** By path. */
  bodies: Map<string, string>;
  /** Reads what is no part of the Container Apps API. */
  get: (path: string) => Promise<Response>;
}

/** How long Azure may take to answer one request; milliseconds. */
const TIMEOUT_MS = 10_000;

/** Opens Microsoft's client of the Container Apps API; asks nothing yet. */
export async function connect(
  endpoint: string,
  subscription: string,
  who: SignIn,
  pace: Pace,
): Promise<Connection> {
  const { ContainerAppsAPIClient: Client } = await import("@azure/arm-appcontainers");
  const credential = {
    getToken: async () => ({ token: await who.token(), expiresOnTimestamp: 0 }),
  };
  const client = new Client(credential, subscription, {
    ...{ endpoint, $host: endpoint },
    allowInsecureConnection: isLoopback(endpoint),
    userAgentOptions: { userAgentPrefix: "sluice" },
  });
  const bodies = new Map<string, string>();
  // The client's own policies would repeat writes, and refuse plain HTTP on this machine.
  for (const { name } of client.pipeline.getOrderedPolicies()) {
    if (name === "defaultRetryPolicy" || name === "bearerTokenAuthenticationPolicy") {
      client.pipeline.removePolicy({ name });
    }
  }
  client.pipeline.addPolicy(exactBodies(bodies));
  client.pipeline.addPolicy(retrying(pace), { phase: "Retry" });
  client.pipeline.addPolicy(signing(who), { phase: "Sign" });
  const get = async (path: string) =>
    fetch(`${endpoint}${path}`, {
      headers: { authorization: `Bearer ${await who.token()}` },
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  return { client, bodies, get };
}
