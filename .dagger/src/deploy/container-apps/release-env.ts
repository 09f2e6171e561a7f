import type { DeploymentWanted } from "../deployer.ts";

/**
 * What a container is told about its release, so that it can say at `/api/version` what it runs.
 * The bytes of the image are the same everywhere; which release they are is not in them.
 */
export function releaseEnv(
  { commit, release }: Pick<DeploymentWanted, "commit" | "release">,
  environment: string,
): Record<string, string | undefined> {
  return { SLUICE_COMMIT: commit, SLUICE_RELEASE: release, SLUICE_ENVIRONMENT: environment };
}
