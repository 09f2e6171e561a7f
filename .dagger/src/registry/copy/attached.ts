import {
  askReferrers,
  fallbackTag,
  type Referrer,
  referrerList,
  referrersIn,
} from "../referrers.ts";
import type { Place } from "./place.ts";
import type { Transfer } from "./transfer.ts";

/** Kinds of tags that cosign attaches to a digest. */
const COSIGN = ["sig", "att", "sbom"];

/**
 * Takes along what refers to a manifest: by the referrers API or its fallback tag, and in the form
 * that cosign had before them. What refers to the referrers comes, too.
 */
export async function attach(transfer: Transfer, subject: string): Promise<void> {
  await Promise.all([
    referrersOf(transfer, subject, new Set([subject])),
    ...COSIGN.map((kind) => taggedFor(transfer, `${fallbackTag(subject)}.${kind}`)),
  ]);
}

/** @param seen a list can be wrong, and lead in circles; what is true refers to one manifest only */
async function referrersOf(transfer: Transfer, subject: string, seen: Set<string>): Promise<void> {
  const { from, to, result } = transfer;
  const referrers = await from.client.referrers(from.repository, subject);
  const fresh = referrers.filter(({ digest }) => !seen.has(digest));
  for (const { digest } of fresh) seen.add(digest);
  await Promise.all(
    fresh.flatMap(({ digest }) => [transfer.ensure(digest), referrersOf(transfer, digest, seen)]),
  );
  result.referrers.push(...fresh.map(({ digest }) => digest));
  if (fresh.length > 0) await listInTag(to, subject, fresh);
}

/** The tag follows its source: whoever signs once more adds to what the tag held. */
async function taggedFor(transfer: Transfer, tag: string): Promise<void> {
  const { from, to, result } = transfer;
  const manifest = await from.client.find(from.repository, tag);
  if (!manifest) return;
  if ((await to.client.head(to.repository, tag)) !== manifest.digest) {
    await transfer.contents(manifest);
    await transfer.write(manifest, tag);
  }
  result.referrers.push(manifest.digest);
}

/**
 * Lets a registry without the referrers API tell what refers to a manifest: with a tag that lists
 * it. What others listed there stays listed.
 */
async function listInTag(
  { client, repository }: Place,
  digest: string,
  referrers: readonly Referrer[],
): Promise<void> {
  if (await askReferrers(client.connection, repository, digest)) return;
  const tag = fallbackTag(digest);
  const held = await client.find(repository, tag);
  const listed = held ? referrersIn(held) : [];
  const known = new Set(listed.map((one) => one.digest));
  const added = referrers.filter((one) => !known.has(one.digest));
  if (added.length > 0) await client.put(repository, tag, referrerList([...listed, ...added]));
}
