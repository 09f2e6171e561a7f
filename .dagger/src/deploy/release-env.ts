import type { DeploymentWanted } from "./deployer.ts";

/**
 * What an app is told about its release, so that it can say at `/api/version` what it runs. The bytes
 * of the image are the same everywhere; which release they are is not in them.
 *
 * @returns variables by name; the release's is empty for one without a git tag
 */
export function releaseEnv(
  { commit, release }: Pick<DeploymentWanted, "commit" | "release">,
  environment: string,
): Record<"SLUICE_COMMIT" | "SLUICE_RELEASE" | "SLUICE_ENVIRONMENT", string> {
  return { SLUICE_COMMIT: commit, SLUICE_RELEASE: release ?? "", SLUICE_ENVIRONMENT: environment };
}
