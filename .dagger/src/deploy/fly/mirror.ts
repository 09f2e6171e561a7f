import { SluiceError } from "../../error.ts";
import { copyImage } from "../../registry/copy/copy.ts";
import { RegistryClient } from "../../registry/client.ts";
import { shortDigest } from "../../registry/digest.ts";
import { RegistryError } from "../../registry/failure.ts";
import { parseRepository, type Repository } from "../../registry/name.ts";
import type { DeployContext, DeployedImage } from "../deployer.ts";
import type { FlyPlatform } from "../../pipeline/model.ts";
import { tokenHint } from "./failure.ts";
import { registryLogin } from "./token.ts";

/** Where Fly.io gets an image from. */
export interface ImageSource {
  /** What flyctl is given: `registry.fly.io/shop@sha256:…`. */
  ref: string;
  /** Whether it has to be copied there first. */
  mirrored: boolean;
}

/** Decides whether an image is copied to Fly.io's registry: where Fly.io could not pull it itself. */
export async function imageSource(
  context: DeployContext<FlyPlatform>,
  app: string,
  image: DeployedImage,
): Promise<ImageSource> {
  const { host } = repositoryOf(image);
  const { mirror, endpoints } = context.target.platform;
  const { registry } = endpoints;
  const mirrored = host !== registry && (mirror ?? (await context.loginFor(host)) !== undefined);
  return { mirrored, ref: mirrored ? `${registry}/${app}@${image.digest}` : image.ref };
}

/**
 * Copies an image to Fly.io's registry, byte for byte: its digest stays the same. It gets a tag,
 * too, because registries may throw away what has none.
 *
 * @throws RegistryError, or SluiceError `FLY_UNAUTHORIZED`
 */
export async function mirrorImage(
  context: DeployContext<FlyPlatform>,
  { app, token }: { app: string; token: string },
  image: DeployedImage,
): Promise<void> {
  const { host, path } = repositoryOf(image);
  const from = new RegistryClient({ host, credentials: await context.loginFor(host) });
  const { registry } = context.target.platform.endpoints;
  const to = new RegistryClient({
    host: registry,
    credentials: registryLogin(token),
    access: "write",
  });
  context.onProgress(`copying ${image.ref} to ${registry}/${app}`);
  try {
    await copyImage({
      from: { client: from.until(context.signal), repository: path },
      to: { client: to.until(context.signal), repository: app },
      digest: image.digest,
      tag: `sluice-${shortDigest(image.digest)}`,
    });
  } catch (error) {
    throw isRefusal(error, registry) ? refused(error, { registry, app }) : error;
  }
}

/** Looks whether an image is where it would be copied from. */
export async function canMirror(
  context: DeployContext<FlyPlatform>,
  image: DeployedImage,
): Promise<void> {
  const { host, path } = repositoryOf(image);
  const { signal } = context;
  const from = new RegistryClient({ host, credentials: await context.loginFor(host), signal });
  await from.get(path, image.digest);
}

/** Repository of a reference with a digest, and perhaps a tag. */
export function repositoryOf({ ref }: Pick<DeployedImage, "ref">): Repository {
  const [named = ""] = ref.split("@", 1);
  return parseRepository(named.replace(/:\w[\w.-]*$/, ""));
}

function isRefusal(error: unknown, registry: string): error is RegistryError {
  return (
    error instanceof RegistryError &&
    (error.status === 401 || error.status === 403) &&
    error.reason.includes(` ${registry}/`)
  );
}

function refused(error: RegistryError, { registry, app }: { registry: string; app: string }) {
  return new SluiceError(
    "FLY_UNAUTHORIZED",
    `${registry} does not let the token in FLY_API_TOKEN write ${app}; nothing was deployed`,
    { detail: error.reason, hint: tokenHint(app), cause: error },
  );
}
