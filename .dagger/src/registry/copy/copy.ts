import { attach } from "./attached.ts";
import { contentsOf } from "./contents.ts";
import type { CopyRequest, CopyResult } from "./model.ts";
import { nameIn, sameRegistry } from "./place.ts";
import { Transfer } from "./transfer.ts";

/**
 * Copies an image to another repository, of the same registry or another one. Manifests stay what
 * they are byte for byte, and those of an index are known by their digests alone. A tag is moved
 * last, when everything else is there: what fails before leaves it as it was.
 *
 * @throws RegistryError `MANIFEST_NOT_FOUND`, `BLOB_NOT_FOUND`, `DIGEST_MISMATCH`, …
 */
export async function copyImage(request: CopyRequest): Promise<CopyResult> {
  const transfer = new Transfer(request);
  try {
    const { from, to } = transfer;
    const inPlace = sameRegistry(from, to) && from.repository === to.repository;
    await (inPlace ? retag(transfer, request) : copy(transfer, request));
    return transfer.result;
  } catch (error) {
    await transfer.abort(error);
    throw error;
  }
}

/** Within a repository everything is there but the tag. */
async function retag(transfer: Transfer, { digest, tag }: CopyRequest): Promise<void> {
  const { from, to } = transfer;
  const [manifest, held] = await Promise.all([
    from.client.get(from.repository, digest),
    tag === undefined ? digest : to.client.head(to.repository, tag),
  ]);
  if (held !== digest) await transfer.write(manifest, tag);
}

async function copy(transfer: Transfer, request: CopyRequest): Promise<void> {
  const { digest, tag } = request;
  const { from, to } = transfer;
  const [manifest, held] = await Promise.all([
    from.client.get(from.repository, digest),
    to.client.head(to.repository, digest),
  ]);
  const { children } = contentsOf(manifest, nameIn(from, digest));
  await Promise.all([
    held !== digest
      ? transfer.contents(manifest)
      : // Some registries take an index without its children.
        Promise.all(children.map((child) => transfer.ensure(child.digest))),
    ...(request.referrers ? [digest, ...children.map((child) => child.digest)] : []).map(
      (subject) => attach(transfer, subject),
    ),
  ]);
  if (held !== digest || tag !== undefined) await transfer.write(manifest, tag);
}
