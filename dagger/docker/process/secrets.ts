import type { ProcessSpec } from "../types.ts";

/** Values of the secrets that a process is given, as variables and as files. */
export function secretsOf({
  secretEnv,
  mounts,
}: Pick<ProcessSpec, "secretEnv" | "mounts">): Uint8Array[] {
  return [
    ...secretEnv.map(({ value }) => Buffer.from(value)),
    ...mounts.flatMap(({ source }) => (source.kind === "secret" ? [source.content] : [])),
  ];
}
