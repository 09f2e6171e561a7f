import type { TokenCredential } from "@azure/identity";
import { firstLine, SluiceError } from "../../error.ts";
import type { Settings } from "../settings.ts";
import { isLoopback } from "./address.ts";

/** Who asks Azure. */
export interface SignIn {
  /** A token for Azure's Resource Manager; `fresh`: another one than those before. */
  token(options?: { fresh: boolean }): Promise<string>;
  /** Whether another token can be had, when Azure accepts one no longer. */
  readonly renewable: boolean;
}

/** Where to sign in, and what for. */
export interface SignInTarget {
  /** `https://login.microsoftonline.com` */
  authority: string;
  /** `https://management.azure.com` */
  endpoint: string;
  /** Takes secrets out of a text. */
  scrub: (text: string) => string;
}

/** A token is asked for anew this long before it ends; milliseconds. */
const MARGIN_MS = 120_000;

/**
 * Signs in with what is given: a ready token (`AZURE_ACCESS_TOKEN`), or the application
 * `AZURE_DEPLOY_CLIENT_ID` (else `AZURE_CLIENT_ID`) of `AZURE_TENANT_ID`, with the token that a CI
 * was given for it (`AZURE_FEDERATED_TOKEN`) or with `AZURE_CLIENT_SECRET`. Asks nobody yet.
 *
 * @throws SluiceError `SETTING_MISSING`
 */
export async function signIn(settings: Settings, target: SignInTarget): Promise<SignIn> {
  const ready = await settings.find("AZURE_ACCESS_TOKEN");
  if (ready !== undefined) return { token: () => Promise.resolve(ready), renewable: false };
  const tenant = await settings.get("AZURE_TENANT_ID", "the tenant of Azure");
  const client =
    (await settings.find("AZURE_DEPLOY_CLIENT_ID")) ??
    (await settings.find("AZURE_CLIENT_ID")) ??
    (await settings.get("AZURE_DEPLOY_CLIENT_ID", "the application that deploys to Azure"));
  const assertion = await settings.find("AZURE_FEDERATED_TOKEN");
  const secret =
    assertion === undefined
      ? await settings.get(
          "AZURE_CLIENT_SECRET",
          "the secret of the application, or a federated token",
        )
      : undefined;
  return renewing(target, async () => {
    // MSAL takes a while to load, and keeps tokens per credential: another credential, fresh tokens.
    const { AzureAuthorityHosts, ClientAssertionCredential, ClientSecretCredential } =
      await import("@azure/identity");
    const known: string[] = Object.values(AzureAuthorityHosts);
    const options = authorityOptions(target.authority, known);
    return secret === undefined
      ? new ClientAssertionCredential(
          tenant,
          client,
          () => Promise.resolve(assertion ?? ""),
          options,
        )
      : new ClientSecretCredential(tenant, client, secret, options);
  });
}

function renewing(
  { authority, endpoint, scrub }: SignInTarget,
  open: () => Promise<TokenCredential>,
): SignIn {
  let held: Promise<{ token: string; expiresOnTimestamp: number }> | undefined;
  const ask = async () => {
    try {
      const token = await (await open()).getToken(`${endpoint}/.default`);
      if (token) return token;
      throw new Error("it gave no token");
    } catch (error) {
      throw refused(authority, scrub(firstLine(error)));
    }
  };
  return {
    renewable: true,
    async token({ fresh } = { fresh: false }) {
      if (fresh) held = undefined;
      // All requests that wait for a token share one, and share its failure.
      const asked = (held ??= ask());
      try {
        const { token, expiresOnTimestamp } = await asked;
        if (expiresOnTimestamp - MARGIN_MS < Date.now() && held === asked) held = undefined;
        return token;
      } catch (error) {
        if (held === asked) held = undefined;
        throw error;
      }
    },
  };
}

function refused(authority: string, said: string): SluiceError {
  return new SluiceError(
    "CONTAINER_APPS_UNAUTHORIZED",
    `${new URL(authority).host} gave no token: ${said}`,
    {
      hint: "check AZURE_TENANT_ID, AZURE_DEPLOY_CLIENT_ID and AZURE_CLIENT_SECRET, or that the application has a federated credential for this CI",
    },
  );
}

/**
 * MSAL asks Microsoft whether an authority that it doesn't know is one, which it must not where the
 * authority is given; and it insists on https, which a stand-in on this machine doesn't speak.
 */
function authorityOptions(authority: string, known: readonly string[]) {
  const disableInstanceDiscovery = !known.includes(authority);
  if (!isLoopback(authority)) return { authorityHost: authority, disableInstanceDiscovery };
  return {
    authorityHost: authority.replace(/^http:/, "https:"),
    disableInstanceDiscovery,
    additionalPolicies: [{ policy: plainHttp, position: "perCall" as const }],
  };
}

type Policies = NonNullable<
  import("@azure/identity").ClientSecretCredentialOptions["additionalPolicies"]
>;

const plainHttp: Policies[number]["policy"] = {
  name: "plainHttpOnLoopback",
  sendRequest(request, next) {
    request.url = request.url.replace(/^https:/, "http:");
    request.allowInsecureConnection = true;
    return next(request);
  },
};
