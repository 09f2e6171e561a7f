import { createHash } from "node:crypto";
import { composeManifest } from "../../compose/manifest.ts";
import { SluiceError } from "../../error.ts";
import type { ComposePlatform, Pipeline } from "../../pipeline/model.ts";
import type { DeployContext, DeploymentWanted } from "../deployer.ts";
import { releaseEnv } from "../release-env.ts";
import { envFile } from "./env-file.ts";
import type { Stack } from "./stack.ts";

/** Texts of a release by file name, as its folder on the host has them. */
export type ReleaseFiles = Readonly<Record<string, string>>;

/**
 * The files of a release: the manifest, pinned by digest; the repository's own files that are laid
 * over it; what Compose fills in; and what is compared later.
 *
 * @throws SluiceError `COMPOSE_INCOMPLETE`, `COMPOSE_OVERLAY_MISSING`
 */
export async function releaseFiles(
  context: DeployContext<ComposePlatform>,
  stack: Stack,
  wanted: DeploymentWanted,
): Promise<ReleaseFiles> {
  const { pipeline, target, slot } = context;
  const { commit, release, images } = wanted;
  const digests = Object.fromEntries(images.map(({ service, digest }) => [service, digest]));
  const runs = containersOf(pipeline, wanted);
  const manifest = composeManifest(
    runs,
    { commit, digests, ...(release === undefined ? {} : { release }) },
    target.channel,
    target.registry,
  );
  const overlays: [string, string][] = [];
  for (const [index, path] of target.platform.files.entries()) {
    const text = await context.file(path);
    if (text === undefined) throw overlayMissing(path, commit, pipeline);
    overlays.push([`overlay-${String(index + 1).padStart(3, "0")}.yaml`, text]);
  }
  const releaseFolder = `${stack.root}/.sluice/${stack.place}/release`;
  const env = envFile({
    // For people who run docker compose in the directory.
    COMPOSE_PROJECT_NAME: stack.project,
    COMPOSE_FILE: ["compose.yaml", ...overlays.map(([name]) => `${releaseFolder}/${name}`)].join(
      ":",
    ),
    SLOT: slot === undefined ? "" : String(slot),
    ...releaseEnv({ commit, release }, target.environment),
  });
  const content = { "compose.yaml": manifest, ...Object.fromEntries(overlays), ".env": env };
  const lines = (services: readonly { name: string }[]) =>
    services.map(({ name }) => `${name} ${digests[name]}\n`).join("");
  return {
    ...content,
    id: `${createHash("sha256").update(JSON.stringify(content)).digest("hex")}\n`,
    images: `${commit}\n${lines(runs.services)}`,
    wanted: lines(runs.services.filter(({ job }) => !job)),
  };
}

/**
 * The pipeline with only those services that are containers. Going back, a service that did not
 * exist then is left out.
 */
export function containersOf(pipeline: Pipeline, { kind, images }: DeploymentWanted): Pipeline {
  const has = (name: string) => images.some(({ service }) => service === name);
  const services = pipeline.services.filter(
    ({ name, files }) => files.length === 0 && (kind === "deployment" || has(name)),
  );
  const known = new Set([...services, ...pipeline.dependencies].map(({ name }) => name));
  return {
    ...pipeline,
    services: services.map((one) => ({
      ...one,
      needs: one.needs.filter((name) => known.has(name)),
    })),
  };
}

function overlayMissing(path: string, commit: string, { file }: Pipeline): SluiceError {
  return new SluiceError(
    "COMPOSE_OVERLAY_MISSING",
    `${JSON.stringify(path)} is to be laid over the manifest, and ${commit.slice(0, 12)} has no such file`,
    { hint: `commit it, or take it out of the target's compose.files in ${file}` },
  );
}
