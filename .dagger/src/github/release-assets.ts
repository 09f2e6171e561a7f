import { createHash } from "node:crypto";
import { z } from "zod";
import type { Told } from "../announce/sink.ts";
import { SluiceError } from "../error.ts";
import { restOf, type GithubAccess } from "./access.ts";
import { asking, statusOf } from "./failure.ts";
import { onceWritten } from "./once-written.ts";
import { allPages } from "./pages.ts";
import { findRelease, type GithubRelease } from "./release-records.ts";

const ASK = { what: "upload files to releases of", needs: "contents: write" };
/** How long a file's upload or download may take; milliseconds. */
const TRANSFER_MS = 600_000;
const SUMS = "SHA256SUMS";
/** GitHub would give a file with other characters another name. */
const NAME = /^[A-Za-z0-9_][\w.+-]{0,254}$/;

const asset = z.object({
  id: z.number(),
  name: z.string(),
  state: z.string(),
  size: z.number(),
  digest: z.string().nullish(),
});
const assets = z.array(asset);
type Asset = z.output<typeof asset>;

/** A file of a release. */
export interface ReleaseFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Of the bytes, in hexadecimal. */
  readonly sha256: string;
}

/**
 * Uploads files to the release of a git tag, and the file `SHA256SUMS` that names them all. What is
 * there already, byte for byte, is left; what an interrupted upload left is taken away first.
 *
 * @param tag of a release that is there
 * @param files all that the release is to have, as `SHA256SUMS` is written once
 * @throws SluiceError `GITHUB_RELEASE_UNKNOWN`, `GITHUB_ASSET_NAME_INVALID`,
 *   `GITHUB_ASSET_DIFFERS` for a file that is there with other bytes; `GITHUB_UNAUTHORIZED`,
 *   `GITHUB_FORBIDDEN`, `GITHUB_REFUSED`, `GITHUB_LIMITED`, `GITHUB_UNAVAILABLE`
 */
export async function attachAssets(
  access: GithubAccess,
  tag: string,
  files: readonly ReleaseFile[],
): Promise<Told> {
  for (const file of files) checkFile(file);
  return asking(access.repository, ASK, async () => {
    const release = await findRelease(access, tag);
    if (!release) throw unknown(access, tag);
    const all = [...files, sumsOf(files)];
    // First it is seen that all can be: a release that has half of its files is worse than none.
    const there = await assetsOf(access, release);
    for (const file of all) await sameIn(access, there, file);
    for (const file of all) {
      await onceWritten({
        find: () => uploaded(access, release, file),
        write: () => upload(access, release, file),
      });
    }
    return {
      what: `release ${tag} has ${all.map(({ name }) => name).join(", ")}`,
      url: release.url,
    };
  });
}

function sumsOf(files: readonly ReleaseFile[]): ReleaseFile {
  const lines = files.map(({ name, sha256 }) => `${sha256}  ${name}\n`).sort();
  const bytes = Buffer.from(lines.join(""));
  return { name: SUMS, bytes, sha256: sha256Of(bytes) };
}

async function assetsOf(access: GithubAccess, { id }: GithubRelease): Promise<Asset[]> {
  const { rest, of } = await restOf(access);
  return allPages(assets, (page) =>
    rest.repos.listReleaseAssets({ ...of, release_id: id, per_page: 100, page }),
  );
}

/** The file as it is there; what is left of an upload that never ended is deleted. */
async function uploaded(
  access: GithubAccess,
  release: GithubRelease,
  file: ReleaseFile,
): Promise<Asset | undefined> {
  const there = await assetsOf(access, release);
  const same = await sameIn(access, there, file);
  if (same) return same;
  for (const partial of there.filter(({ name }) => name === file.name)) {
    const { rest, of } = await restOf(access);
    await rest.repos.deleteReleaseAsset({ ...of, asset_id: partial.id }).catch((error: unknown) => {
      if (statusOf(error) !== 404) throw error;
    });
  }
  return undefined;
}

async function sameIn(
  access: GithubAccess,
  there: readonly Asset[],
  { name, bytes, sha256 }: ReleaseFile,
): Promise<Asset | undefined> {
  const found = there.find((one) => one.name === name && one.state === "uploaded");
  if (!found) return undefined;
  const digest = found.digest ?? `sha256:${sha256Of(await download(access, found))}`;
  if (digest === `sha256:${sha256}` && found.size === bytes.length) return found;
  throw new SluiceError(
    "GITHUB_ASSET_DIFFERS",
    `the release has another ${name}: expected sha256:${sha256}, found ${digest}`,
    { hint: "release files never change: cut a new release, or delete the file if it is wrong" },
  );
}

/** Enterprise servers that are older don't tell digests. */
async function download(access: GithubAccess, { id }: Asset): Promise<Uint8Array> {
  const { rest, of } = await restOf(access);
  const { data } = await rest.repos.getReleaseAsset({
    ...{ ...of, asset_id: id, headers: { accept: "application/octet-stream" } },
    request: { signal: AbortSignal.timeout(TRANSFER_MS) },
  });
  return new Uint8Array(z.instanceof(ArrayBuffer).parse(data));
}

async function upload(
  access: GithubAccess,
  release: GithubRelease,
  { name, bytes }: ReleaseFile,
): Promise<Asset> {
  const { request } = await access.octokit();
  const { data }: { data: unknown } = await request({
    ...{ method: "POST", url: uploadUrl(access, release, name), data: bytes },
    headers: { "content-type": "application/octet-stream" },
    request: { signal: AbortSignal.timeout(TRANSFER_MS) },
  });
  return asset.parse(data);
}

/** The answer names a host: the token goes to no other than GitHub's own. */
function uploadUrl(
  { repository: { api } }: GithubAccess,
  { uploads }: GithubRelease,
  name: string,
): string {
  const url = new URL(uploads.replace(/\{.*$/, ""));
  const own = new URL(api);
  const hosts = [own.host, own.host.replace(/^api\./, "uploads.")];
  if (url.protocol !== own.protocol || !hosts.includes(url.host)) {
    throw new SluiceError("GITHUB_UNAVAILABLE", `${api} wants files to be sent to ${url.host}`, {
      hint: "see that nothing between here and GitHub answers in its place",
    });
  }
  url.searchParams.set("name", name);
  return url.href;
}

function checkFile({ name, bytes, sha256 }: ReleaseFile): void {
  if (!NAME.test(name) || name === SUMS) {
    throw new SluiceError(
      "GITHUB_ASSET_NAME_INVALID",
      `GitHub would not keep a file's name ${JSON.stringify(name.slice(0, 100))}`,
      { hint: "use letters, digits, dots, dashes, underscores and plus signs" },
    );
  }
  if (sha256Of(bytes) !== sha256) throw new Error(`${name}: its bytes are not sha256:${sha256}`);
}

function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function unknown({ repository: { owner, repo } }: GithubAccess, tag: string): SluiceError {
  return new SluiceError("GITHUB_RELEASE_UNKNOWN", `${owner}/${repo} has no release of ${tag}`, {
    hint: "publish the release first: name its channel under announcements.github.releases",
  });
}
