import { join } from "node:path";
import { onTestFinished } from "vitest";
import { startRegistry } from "../../support/registryProcess.ts";

/** A registry outside the engine, which the engine, its containers and Docker trust. */
export interface TrustedRegistry {
  /** `172.17.0.1:5443` */
  host: string;
  /** Certificate of the authority that vouches for it. */
  authority: string;
}

/** Starts one where the environment says, empty; fails the test where it says nothing. */
export async function trustedRegistry(): Promise<TrustedRegistry> {
  const { SLUICE_TEST_REGISTRY: host, SLUICE_TEST_TLS: folder } = process.env;
  if (host === undefined || folder === undefined) {
    throw new Error(
      "nothing can be deployed: set SLUICE_TEST_REGISTRY and SLUICE_TEST_TLS (see test/real-engine --help)",
    );
  }
  const tls = { certificate: join(folder, "registry.crt"), key: join(folder, "registry.key") };
  const registry = await startRegistry({ http: { addr: host, tls } });
  onTestFinished(() => registry.stop());
  return { host, authority: join(folder, "ca.crt") };
}
