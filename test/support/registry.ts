import { dag, type Service } from "@dagger.io/dagger";
import { z } from "zod";
import { imageManifest } from "./archive.ts";
import { nonce } from "./containers.ts";

const manifestTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];

const index = z.looseObject({
  manifests: z.array(
    z.looseObject({
      digest: z.string(),
      platform: z.looseObject({ os: z.string(), architecture: z.string() }),
      annotations: z.record(z.string(), z.string()).optional(),
    }),
  ),
});

export interface RegistryOptions {
  /** Where it listens, and the port in its `localhost:<port>` address. */
  port: number;
  /** Asks for this user, whose password is `open-sesame`. */
  user?: string;
}

/** An image registry, empty, that runs as a Dagger service. */
export function registryService({ port, user }: RegistryOptions): Service {
  let container = dag
    .container()
    .from("registry:2")
    .withEnvVariable("REGISTRY_HTTP_ADDR", `0.0.0.0:${port}`)
    .withEnvVariable("TEST_REGISTRY", nonce())
    .withExposedPort(port);
  if (user !== undefined) {
    // bcrypt of open-sesame
    const hash = "$2b$05$abcdefghijklmnopqrstuutXu9KzOt.1yBoZUeFWoT/914/JfszCO";
    container = container
      .withNewFile("/auth/htpasswd", `${user}:${hash}\n`)
      .withEnvVariable("REGISTRY_AUTH", "htpasswd")
      .withEnvVariable("REGISTRY_AUTH_HTPASSWD_REALM", "test")
      .withEnvVariable("REGISTRY_AUTH_HTPASSWD_PATH", "/auth/htpasswd");
  }
  return container.asService({ useEntrypoint: true });
}

/** Reads a registry over HTTP from this host, as any OCI client would. */
export class RegistryReader {
  constructor(private readonly origin: string) {}

  /** The digest that `reference` (a tag or a digest) stands for, and the manifest itself. */
  async manifest(
    repository: string,
    reference: string,
  ): Promise<{ digest: string; body: unknown }> {
    const response = await fetch(`${this.origin}/v2/${repository}/manifests/${reference}`, {
      headers: { accept: manifestTypes.join(", ") },
    });
    if (!response.ok) throw new Error(`GET manifest ${reference}: HTTP ${response.status}`);
    const digest = response.headers.get("docker-content-digest") ?? "";
    return { digest, body: await response.json() };
  }

  async image(repository: string, reference: string): Promise<z.infer<typeof imageManifest>> {
    return imageManifest.parse((await this.manifest(repository, reference)).body);
  }

  async index(repository: string, reference: string): Promise<z.infer<typeof index>> {
    return index.parse((await this.manifest(repository, reference)).body);
  }
}
