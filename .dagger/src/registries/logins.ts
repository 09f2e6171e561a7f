import type { Container } from "@dagger.io/dagger";
import { SluiceError } from "../error.ts";
import type { Pipeline } from "../pipeline/model.ts";
import { type Credentials, parseDockerConfig, secretForms } from "../registry/auth/credentials.ts";
import type { ReadableSecret } from "../readable-secret.ts";
import { canonicalHost } from "../registry/name.ts";
import { secretOf } from "../secret.ts";

/** Stands for all registries that a Docker config.json has credentials for. */
export const DOCKER_CONFIG = "*";

/** Credentials as they were given. */
export interface Login {
  /** Host of a registry, or `DOCKER_CONFIG`. */
  address: string;
  /** Empty: the pipeline file's. */
  username: string;
  /** Password or token, or the content of config.json. */
  secret: ReadableSecret;
}

/** How to sign in to the registries of a pipeline, for the engine and for our own client. */
export class Logins {
  private constructor(private readonly byHost: ReadonlyMap<string, Credentials>) {}

  /** Reads the credentials; later ones win. Throws `REGISTRY_AUTH_INVALID`. */
  static async collect(pipeline: Pipeline, logins: readonly Login[]): Promise<Logins> {
    const parts = await Promise.all(logins.map((login) => read(pipeline, login)));
    return new Logins(new Map(parts.flat()));
  }

  /** Credentials for a host; undefined to ask anonymously. */
  for(host: string): Credentials | undefined {
    return this.byHost.get(canonicalHost(host));
  }

  /** A container that may pull from, and push to, all of these registries. */
  signIn(container: Container): Container {
    return [...this.byHost].reduce((self, [host, { username, password }]) => {
      if (password === "") return self;
      return self.withRegistryAuth(host, username, secretOf(`registry ${host}`, password));
    }, container);
  }

  /** Takes the credentials out of a text. */
  scrub(text: string): string {
    return [...this.byHost.values()]
      .flatMap(secretForms)
      .reduce((clean, secret) => clean.replaceAll(secret, "***"), text);
  }
}

async function read(
  pipeline: Pipeline,
  { address, username, secret }: Login,
): Promise<[string, Credentials][]> {
  const text = await secret.plaintext();
  if (address === DOCKER_CONFIG) return [...parseDockerConfig(text)];
  const host = canonicalHost(address);
  // Files that hold a token often end with a newline.
  const password = text.trim();
  if (password === "") {
    throw new SluiceError("REGISTRY_AUTH_INVALID", `the password or token for ${host} is empty`, {
      hint: "look at the variable or file that it is read from",
    });
  }
  return [[host, { username: username || userOf(pipeline, host), password }]];
}

function userOf({ file, registries }: Pipeline, host: string): string {
  const named = registries.find(({ address }) => canonicalHost(address) === host)?.username;
  if (named !== undefined) return named;
  // GHCR looks at the token only, but wants a name.
  if (host === "ghcr.io") return "token";
  throw new SluiceError("REGISTRY_AUTH_INVALID", `${file} names no user for ${host}`, {
    hint: "add username: <user> to that registry, or use with-registry-auth",
  });
}
