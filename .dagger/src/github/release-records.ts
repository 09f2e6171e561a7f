import { z } from "zod";
import { SluiceError } from "../error.ts";
import { restOf, type GithubAccess } from "./access.ts";
import { statusOf } from "./failure.ts";
import { allPages } from "./pages.ts";

const release = z.object({
  id: z.number(),
  html_url: z.string(),
  upload_url: z.string(),
  tag_name: z.string(),
  draft: z.boolean(),
  body: z.string().nullish(),
});
const releases = z.array(release);

/** A release on GitHub. */
export interface GithubRelease {
  readonly id: number;
  readonly url: string;
  /** Where its files are uploaded to. */
  readonly uploads: string;
  readonly isDraft: boolean;
  readonly notes: string;
}

/** What a release is to be like. */
export interface NewRelease {
  tag_name: string;
  /** Where GitHub would cut the tag, should it be taken away meanwhile. */
  target_commitish: string;
  name: string;
  body: string;
  draft: false;
  /** `legacy`: GitHub goes by the version, so that a patch of an older one isn't the latest. */
  make_latest: "legacy";
}

/**
 * The release of a tag; a published one goes before drafts, which GitHub shows by their name only in
 * the list.
 */
export async function findRelease(
  access: GithubAccess,
  tag: string,
): Promise<GithubRelease | undefined> {
  const { rest, of } = await restOf(access);
  const all = await allPages(releases, (page) =>
    rest.repos.listReleases({ ...of, per_page: 100, page }),
  );
  const named = all.filter(({ tag_name }) => tag_name === tag).map(shown);
  return named.find(({ isDraft }) => !isDraft) ?? named.at(-1);
}

export async function createRelease(
  access: GithubAccess,
  wanted: NewRelease,
): Promise<GithubRelease> {
  const { rest, of } = await restOf(access);
  return shown(release.parse((await rest.repos.createRelease({ ...of, ...wanted })).data));
}

/** Publishes a release with these notes. */
export async function updateRelease(
  access: GithubAccess,
  id: number,
  { body, draft, name }: NewRelease,
): Promise<GithubRelease> {
  const { rest, of } = await restOf(access);
  const wanted = { ...of, release_id: id, body, draft, name };
  return shown(release.parse((await rest.repos.updateRelease(wanted)).data));
}

/**
 * Sees that GitHub has a tag: it would cut one that is missing, from whatever the default branch is.
 *
 * @throws SluiceError `GITHUB_TAG_UNKNOWN`
 */
export async function demandTag(access: GithubAccess, tag: string): Promise<void> {
  const { rest, of } = await restOf(access);
  try {
    await rest.git.getRef({ ...of, ref: `tags/${tag}` });
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
    const reason = `${of.owner}/${of.repo} has no tag ${tag}`;
    throw new SluiceError("GITHUB_TAG_UNKNOWN", reason, {
      hint: "push the tag first",
      cause: error,
    });
  }
}

function shown(one: z.output<typeof release>): GithubRelease {
  const { id, html_url, upload_url, draft, body } = one;
  return { id, url: html_url, uploads: upload_url, isDraft: draft, notes: body ?? "" };
}
