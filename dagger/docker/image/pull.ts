import { SluiceError } from "../../core/error.ts";
import { STAND_IN_LABEL } from "../labels.ts";
import { isLoopback } from "../registry/address.ts";
import { RegistryClient } from "../registry/client.ts";
import { credentialsFor } from "../registry/credentials.ts";
import { unreachable } from "../registry/errors.ts";
import { type Reference, formatReference, parseReference } from "../registry/reference.ts";
import type { PulledImage, Runtime } from "../types.ts";
import type { Workshop } from "../workshop.ts";
import { daemonPull } from "./daemon-pull.ts";
import { imageOfDigest } from "./digests.ts";
import { fetchImage, resolveManifest } from "./fetch.ts";
import type { InspectedImage } from "./images.ts";

type PullOptions = Parameters<Runtime["pull"]>[1];

/**
 * Makes an image available. A digest that Docker has is not asked for again; a tag always is, so
 * that one that has moved is noticed. Without an answer from the registry, an image of that name in
 * Docker's store serves, or a stand-in; both are announced.
 */
export async function pull(
  workshop: Workshop,
  ref: string,
  options: PullOptions,
): Promise<PulledImage> {
  const reference = parseReference(ref);
  const present = await pulledBefore(workshop, reference, options.platform);
  if (present) return present;
  const { silent } = workshop;
  try {
    const before = silent.get(reference.registry);
    if (before && options.dial === undefined) {
      throw unreachable(formatReference(reference), "it has not answered in this session", before);
    }
    return await ask(workshop, reference, options);
  } catch (error) {
    const unreachable = error instanceof SluiceError && error.code === "REGISTRY_UNREACHABLE";
    if (!unreachable || options.dial !== undefined) throw error;
    const substitute = await substituteFor(workshop, reference, options.platform);
    if (!substitute) throw error;
    // Not asked again in this session: each attempt may take as long as the network's time-out.
    silent.set(reference.registry, error);
    return substitute;
  }
}

async function pulledBefore(
  { images }: Workshop,
  { repository, digest }: Reference,
  platform: string,
): Promise<PulledImage | undefined> {
  if (digest === undefined) return undefined;
  const image = await images.find(`${repository}@${digest}`);
  if (image?.platform !== platform) return undefined;
  return pulled(image, repository, digest);
}

async function ask(
  workshop: Workshop,
  reference: Reference,
  { platform, credentials: given, dial }: PullOptions,
): Promise<PulledImage> {
  const { registry, repository, digest } = reference;
  const credentials = await credentialsFor(registry, given);
  const client = new RegistryClient(reference, {
    credentials,
    ...(dial === undefined ? {} : { dial }),
    push: false,
    signal: workshop.signal,
  });
  // A registry on this machine or of this session is not always one that the daemon can reach.
  if (dial !== undefined || isLoopback(client.registry.base.hostname)) {
    const fetched = await fetchImage(workshop, client, reference, platform);
    return pulled(fetched.image, repository, fetched.digest);
  }
  if (digest !== undefined) {
    const known = await imageOfDigest(workshop, digest, platform);
    if (known && (await serves(client, digest))) return pulled(known, repository, digest);
  }
  return daemonPull(workshop, reference, platform, credentials);
}

/** Whether the registry still has the manifest. When it can't be asked, the daemon may have more luck. */
async function serves(client: RegistryClient, digest: string): Promise<boolean> {
  return resolveManifest(client, digest).then(
    () => true,
    () => false,
  );
}

async function substituteFor(
  workshop: Workshop,
  reference: Reference,
  platform: string,
): Promise<PulledImage | undefined> {
  const { images, standIn } = workshop;
  const name = formatReference(reference);
  const { digest } = reference;
  let local = (await images.find(name)) ?? (digest ? await standInOf(workshop, digest) : null);
  // A stand-in of another version of Sluice is made anew.
  const mayBeOld = digest === undefined && (local?.repoTags ?? []).some(isStandIn);
  if (local?.platform !== platform || mayBeOld) {
    const id = await standIn(name, platform);
    if (id !== null) local = await images.inspect(id);
    else if (!mayBeOld) return undefined;
  }
  if (!local) return undefined;
  const what = local.config.labels[STAND_IN_LABEL];
  announce(
    workshop,
    name,
    what === undefined ? "the image that Docker has serves" : `a stand-in serves: ${what}`,
  );
  const known = local.repoDigests
    .map((name) => name.split("@"))
    .find(([repository]) => repository === familiar(reference.repository))?.[1];
  return what === undefined && known !== undefined
    ? pulled(local, reference.repository, known)
    : substitute(local, reference);
}

/** Whether this is the name by which a stand-in is found; images built on it don't have one. */
const isStandIn = (tag: string): boolean =>
  /^(?:localhost\/|docker\.io\/library\/)?sluice-stand-in:/.test(tag);

/** The stand-in with that id. */
async function standInOf({ images }: Workshop, id: string): Promise<InspectedImage | null> {
  const image = await images.find(id);
  return image?.config.labels[STAND_IN_LABEL] === undefined ? null : image;
}

/**
 * No registry has it, so its id has to be the digest by which it is referred to: it names these very
 * bytes on this machine, and nothing anywhere else.
 */
function substitute(image: InspectedImage, { repository }: Reference): PulledImage {
  return { ...image, ref: `${repository}@${image.id}`, standIn: true };
}

/** Says once per session what serves in place of the registry's image. */
function announce({ progress, announced }: Workshop, name: string, what: string): void {
  if (announced.has(name)) return;
  announced.add(name);
  progress(`${familiar(name)}: the registry does not answer, ${what}`);
}

/** Docker lists its own registry's repositories without the registry's name. */
function familiar(repository: string): string {
  return repository.replace(/^docker\.io\/(?:library\/)?/, "");
}

function pulled(image: InspectedImage, repository: string, digest: string): PulledImage {
  return { ...image, ref: `${repository}@${digest}`, standIn: false };
}
