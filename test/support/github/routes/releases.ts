import { createHash } from "node:crypto";
import { invalid, notFound, type Call, type Reply, type Routes } from "../call.ts";
import { at, nodeId, shown, times, userOf } from "../present.ts";
import type { Asset, Release } from "../state.ts";

/** As long as GitHub lets notes be. */
const MAX_BODY = 125_000;

type ReleaseBody = Partial<
  Pick<Release, "tag_name" | "target_commitish" | "name" | "body" | "draft" | "prerelease">
>;

/** Releases and their files. */
export const releases: Routes = {
  "repos/list-releases": (call) => ({
    items: [...call.state.releases].reverse().map((release) => releaseShown(call, release)),
  }),
  // A draft has no tag yet, whatever it is going to be called.
  "repos/get-release-by-tag": (call) => {
    const release = call.state.releases.find(
      (one) => !one.draft && one.tag_name === call.params.tag,
    );
    return release ? { status: 200, body: releaseShown(call, release) } : notFound;
  },
  "repos/create-release": (call) => {
    const { tag_name = "", draft = false, ...wanted } = call.body as ReleaseBody;
    const taken = call.state.releases.some((one) => !one.draft && one.tag_name === tag_name);
    if (taken && !draft) {
      return invalid("Validation Failed", { resource: "Release", code: "already_exists" });
    }
    if ((wanted.body ?? "").length > MAX_BODY) return tooLong;
    const release: Release = {
      ...{ id: call.next(), tag_name, draft, by: call.actor, at: call.now(), assets: [] },
      target_commitish: wanted.target_commitish ?? "main",
      name: wanted.name ?? "",
      body: wanted.body ?? "",
      prerelease: wanted.prerelease ?? false,
    };
    call.state.releases.push(release);
    return { status: 201, body: releaseShown(call, release) };
  },
  "repos/update-release": (call) =>
    ofRelease(call, (release) => {
      const { tag_name, target_commitish, name, body, draft, prerelease } =
        call.body as ReleaseBody;
      const change = { tag_name, target_commitish, name, body, draft, prerelease };
      const given = Object.entries(change).filter(([, value]) => value !== undefined);
      Object.assign(release, Object.fromEntries(given));
      return { status: 200, body: releaseShown(call, release) };
    }),
  "repos/list-release-assets": (call) =>
    ofRelease(call, (release) => ({
      items: release.assets.map((asset) => assetShown(call, release, asset)),
    })),
  "repos/upload-release-asset": (call) =>
    ofRelease(call, (release) => {
      const name = (call.query.name ?? "").replaceAll(/[^\w.+-]/g, ".");
      if (call.bytes.length === 0) return invalid("Bad Content-Length: 0");
      if (release.assets.some((one) => one.name === name)) {
        return invalid("Validation Failed", { resource: "ReleaseAsset", code: "already_exists" });
      }
      const asset: Asset = {
        ...{ id: call.next(), name, state: "uploaded", bytes: call.bytes, at: call.now() },
        content_type: "application/octet-stream",
      };
      release.assets.push(asset);
      return { status: 201, body: assetShown(call, release, asset) };
    }),
  "repos/get-release-asset": (call) =>
    ofAsset(call, (release, asset) =>
      call.raw
        ? { status: 200, bytes: asset.bytes }
        : { status: 200, body: assetShown(call, release, asset) },
    ),
  "repos/delete-release-asset": (call) =>
    ofAsset(call, (release, asset) => {
      release.assets.splice(release.assets.indexOf(asset), 1);
      return { status: 204 };
    }),
};

const tooLong = invalid("Validation Failed", { field: "body", code: "too_long" });

function ofRelease(call: Call, then: (release: Release) => Reply): Reply {
  const id = Number(call.params.release_id);
  const release = call.state.releases.find((one) => one.id === id);
  return release ? then(release) : notFound;
}

function ofAsset(call: Call, then: (release: Release, asset: Asset) => Reply): Reply {
  const id = Number(call.params.asset_id);
  for (const release of call.state.releases) {
    const asset = release.assets.find((one) => one.id === id);
    if (asset) return then(release, asset);
  }
  return notFound;
}

function releaseShown(call: Call, release: Release): object {
  const { id, tag_name, target_commitish, name, body, draft, prerelease } = release;
  return shown("release", {
    ...{ id, tag_name, target_commitish, name, body, draft, prerelease },
    ...{ node_id: nodeId("Release", id), author: userOf(release.by) },
    ...times(release.at),
    published_at: draft ? null : release.at,
    url: at(call, `releases/${id}`),
    html_url: `${call.html}/releases/tag/${draft ? `untagged-${id}` : encodeURIComponent(tag_name)}`,
    assets_url: at(call, `releases/${id}/assets`),
    upload_url: `${call.uploads}/releases/${id}/assets{?name,label}`,
    tarball_url: draft ? null : at(call, `tarball/${tag_name}`),
    zipball_url: draft ? null : at(call, `zipball/${tag_name}`),
    discussion_url: undefined,
    assets: release.assets.map((asset) => assetShown(call, release, asset)),
  });
}

function assetShown(call: Call, release: Release, asset: Asset): object {
  const { id, name, state, content_type, bytes } = asset;
  const hash = createHash("sha256").update(bytes).digest("hex");
  return shown("release-asset", {
    ...{ id, name, state, content_type, label: "", size: bytes.length },
    ...times(asset.at),
    digest: state === "uploaded" && call.state.assetDigests ? `sha256:${hash}` : null,
    node_id: nodeId("ReleaseAsset", id),
    url: at(call, `releases/assets/${id}`),
    browser_download_url: `${call.html}/releases/download/${release.tag_name}/${name}`,
    uploader: userOf(release.by),
    download_count: 0,
  });
}
