import type { Dependency } from "../input.ts";
import type { ContainerSpec } from "../stage.ts";

/** The container of anything that a verification takes. */
export function specOf(
  member: Pick<Dependency, "name" | "image" | "registryService" | "env" | "secrets" | "command">,
  ports: readonly number[],
): ContainerSpec {
  const { name, image, registryService, env = {}, secrets = {}, command } = member;
  return { name, image, registryService, ports, env, secrets, command };
}
