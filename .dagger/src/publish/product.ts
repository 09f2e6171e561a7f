import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { BuiltImage } from "../build/images.ts";
import type { Held } from "../candidate/held.ts";
import { placeOf } from "../candidate/place.ts";
import { type CollectedFile, collectFiles } from "../files/collect.ts";
import { uploadFiles } from "../files/upload.ts";
import { temporaryFolder } from "../git/temporary.ts";

/** What a service became: an image, or the files that are released in its place. */
export interface Product {
  image: BuiltImage;
  /** On this machine; empty for an image. */
  files: readonly CollectedFile[];
}

/**
 * Works with the products of these images, all of them there and usable before any is pushed.
 *
 * @throws SluiceError `FILES_UNUSABLE`
 */
export async function withProducts<T>(
  images: readonly BuiltImage[],
  work: (products: readonly Product[]) => Promise<T>,
): Promise<T> {
  if (images.every(({ service }) => service.files.length === 0)) {
    return work(images.map((image) => ({ image, files: [] })));
  }
  const folder = await temporaryFolder("files");
  try {
    return await work(await Promise.all(images.map((image) => productOf(image, folder.path))));
  } finally {
    await folder.remove();
  }
}

async function productOf(image: BuiltImage, parent: string): Promise<Product> {
  const { service, containers } = image;
  const [container] = containers;
  if (service.files.length === 0 || !container) return { image, files: [] };
  const folder = join(parent, service.name);
  await mkdir(folder);
  return { image, files: await collectFiles(service, container, folder) };
}

/** Pushes a product to where it is not held yet. */
export async function pushProduct(product: Product, to: Held, tag: string): Promise<void> {
  const { image, files } = product;
  if (files.length > 0) {
    await uploadFiles(await placeOf(to, "write"), tag, files, image.labels);
    return;
  }
  const { registry, ref } = to;
  const [first, ...platformVariants] = image.containers.map((one) => registry.signIn(one));
  if (!first) throw new Error(`${ref}: nothing was built`);
  await first.publish(ref, { ...registry.options, platformVariants });
}
