import type { PipelineTarget } from "../pipeline/model.ts";
import { composeHostDeployer } from "./compose-host/deployer.ts";
import { containerAppsDeployer } from "./container-apps/deployer.ts";
import type { DeployContext, Deployer } from "./deployer.ts";
import { flyDeployer } from "./fly/deployer.ts";

type Platform = PipelineTarget["platform"];

/** The deployer for a target's platform. */
export function deployerFor(context: DeployContext): Deployer {
  const on = <P extends Platform>(platform: P): DeployContext<P> => ({
    ...context,
    target: { ...context.target, platform },
  });
  const { platform } = context.target;
  switch (platform.kind) {
    case "fly":
      return flyDeployer(on(platform));
    case "compose":
      return composeHostDeployer(on(platform));
    case "containerApps":
      return containerAppsDeployer(on(platform));
  }
}
