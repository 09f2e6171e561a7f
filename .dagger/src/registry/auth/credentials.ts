import { z } from "zod";
import { SluiceError } from "../../error.ts";
import { canonicalHost } from "../name.ts";

/** How to sign in to one registry. */
export interface Credentials {
  username: string;
  /** Password or token. */
  password: string;
  /** A refresh token, as some registries hand out instead. */
  identityToken?: string;
}

/** Credentials by canonical host. */
export type Keychain = ReadonlyMap<string, Credentials>;

const dockerConfig = z.looseObject({
  auths: z
    .record(
      z.string(),
      z.looseObject({
        auth: z.string().optional(),
        username: z.string().optional(),
        password: z.string().optional(),
        identitytoken: z.string().optional(),
      }),
    )
    .default({}),
  credsStore: z.string().optional(),
  credHelpers: z.record(z.string(), z.string()).optional(),
});

/**
 * Reads Docker's `config.json`. Credentials that it keeps in a helper are not in the file and
 * can't be used from here.
 *
 * @throws SluiceError `REGISTRY_AUTH_INVALID`, without showing any of the content
 */
export function parseDockerConfig(text: string): Keychain {
  let content: z.output<typeof dockerConfig>;
  try {
    content = dockerConfig.parse(JSON.parse(text));
  } catch {
    // The parser's own words would quote the content.
    throw new SluiceError("REGISTRY_AUTH_INVALID", "registry-auth is not a Docker config.json", {
      hint: "pass the file that docker login writes: --registry-auth file:~/.docker/config.json",
    });
  }
  const found = Object.entries(content.auths).flatMap(([host, entry]) => {
    const [username = "", ...rest] = Buffer.from(entry.auth ?? "", "base64")
      .toString()
      .split(":");
    const credentials = {
      username: entry.username ?? username,
      password: entry.password ?? rest.join(":"),
      identityToken: entry.identitytoken,
    };
    const usable = credentials.password !== "" || credentials.identityToken !== undefined;
    return usable ? [[canonicalHost(host), credentials] as const] : [];
  });
  if (found.length === 0 && (content.credsStore ?? content.credHelpers) !== undefined) {
    throw new SluiceError(
      "REGISTRY_AUTH_INVALID",
      "registry-auth holds no credentials: Docker keeps them in a credential helper",
      {
        hint: "pass a token of each registry instead: --ghcr-token, --dockerhub-token, with-registry-auth",
      },
    );
  }
  return new Map(found);
}

/** Every form in which these credentials could turn up in a text. */
export function secretForms({ username, password, identityToken }: Credentials): string[] {
  return [password, identityToken ?? ""]
    .filter((secret) => secret.length > 2)
    .flatMap((secret) => [
      secret,
      Buffer.from(`${username}:${secret}`).toString("base64"),
      Buffer.from(secret).toString("base64"),
      encodeURIComponent(secret),
      JSON.stringify(secret).slice(1, -1),
    ]);
}
