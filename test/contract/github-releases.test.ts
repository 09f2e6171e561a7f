import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { attachAssets, type ReleaseFile } from "../../.dagger/src/github/release-assets.ts";
import { releasesSink } from "../../.dagger/src/github/releases.ts";
import { githubAccess } from "../support/github/access.ts";
import { releaseEvent, releasedCommit } from "../support/github/events.ts";
import { unavailable } from "../support/github/faults.ts";
import type { GithubServerOptions } from "../support/github/options.ts";
import { githubServer } from "../support/github/server.ts";
import type { Asset, Release } from "../support/github/state.ts";

const event = releaseEvent("promoted", { release: "v1.2.0" });
const MARKER = "<!-- sluice:release shop v1.2.0 -->";

async function start(options: GithubServerOptions = {}) {
  const github = await githubServer(options);
  github.state.refs.set("tags/v1.2.0", releasedCommit);
  const access = githubAccess(github);
  const changelogSection = (release: string) =>
    Promise.resolve(release === "v1.2.0" ? "### Added\n- A cart" : undefined);
  const sink = releasesSink(access, { channels: ["live"], changelogSection });
  return { ...github, access, sink };
}

/** A release that is there already. */
function made(fields: Partial<Release>): Release {
  return {
    ...{ id: 900, tag_name: "v1.2.0", target_commitish: "main", name: "v1.2.0", body: "By hand" },
    ...{ draft: false, prerelease: false, by: { login: "ann", type: "User" }, assets: [] },
    ...{ at: "2026-01-01T00:00:00Z" },
    ...fields,
  };
}

describe("a release on GitHub", () => {
  it("is published for the tag that a channel is promoted to, with the changelog's notes", async () => {
    const { sink, state } = await start();
    const told = await sink.tell(event);
    expect(told?.what).toBe("published release v1.2.0");
    expect(told?.url).toMatch(/\/acme\/shop\/releases\/tag\/v1\.2\.0$/);
    expect(state.releases).toMatchObject([
      {
        ...{ tag_name: "v1.2.0", name: "v1.2.0", draft: false, prerelease: false },
        target_commitish: releasedCommit,
        body: `### Added\n- A cart\n\n${MARKER}`,
      },
    ]);
  });

  it("is published once, and updated when its notes have changed", async () => {
    const { access, sink, state } = await start();
    await sink.tell(event);
    expect((await sink.tell(event))?.what).toBe("release v1.2.0 is published");
    const later = releasesSink(access, {
      channels: ["live"],
      changelogSection: () => Promise.resolve("### Fixed\r\n- The cart"),
    });
    expect((await later.tell(event))?.what).toBe("updated release v1.2.0");
    expect((await later.tell(event))?.what).toBe("release v1.2.0 is published");
    expect(state.releases).toMatchObject([{ body: `### Fixed\n- The cart\n\n${MARKER}` }]);
  });

  it.each([
    ["a release", { draft: false }],
    ["a draft", { draft: true }],
  ])("is left as it is where %s was made by others", async (_, fields) => {
    const { sink, state } = await start();
    state.releases.push(made(fields));
    expect((await sink.tell(event))?.what).toBe("left release v1.2.0 as others made it");
    expect(state.releases).toEqual([made(fields)]);
  });

  it("is made of Sluice's own draft, which is not made twice", async () => {
    const { sink, state } = await start();
    state.releases.push(made({ draft: true, body: MARKER }));
    expect((await sink.tell(event))?.what).toBe("updated release v1.2.0");
    expect(state.releases).toMatchObject([{ id: 900, draft: false }]);
  });

  it("is found on later pages", async () => {
    const { sink, state } = await start({ pageSize: 2 });
    const others = [1, 2, 3, 4, 5].map((n) => made({ id: n, tag_name: `v0.${n}.0` }));
    state.releases.push(made({ body: MARKER }), ...others);
    expect((await sink.tell(event))?.what).toBe("updated release v1.2.0");
    expect(state.releases).toHaveLength(6);
  });

  it("is refused for a tag that was never pushed: GitHub would cut it from its default branch", async () => {
    const { sink, state } = await start();
    state.refs.clear();
    await expect(sink.tell(event)).rejects.toMatchObject({
      code: "GITHUB_TAG_UNKNOWN",
      reason: "acme/shop has no tag v1.2.0",
      hint: "push the tag first",
    });
    expect(state.releases).toEqual([]);
  });

  it.each(["repos/create-release", "repos/update-release"])(
    "is there once, when the answer to %s is lost",
    async (on) => {
      const { sink, state, faults } = await start();
      if (on === "repos/update-release") state.releases.push(made({ body: MARKER }));
      faults.push({ on, applied: true, answer: "reset" });
      await sink.tell(event);
      expect(state.releases).toMatchObject([{ body: `### Added\n- A cart\n\n${MARKER}` }]);
    },
  );

  it("is previewed as the very request, and only of releases of the channels", async () => {
    const { sink, requests } = await start();
    const preview = await sink.preview(event);
    for (const other of [
      releaseEvent("promoted"),
      releaseEvent("rolled-back", { release: "v1.2.0" }),
      releaseEvent("promoted", { release: "v1.2.0", channel: "staging" }),
    ]) {
      expect(await sink.preview(other)).toBeUndefined();
      expect(await sink.tell(other)).toBeUndefined();
    }
    expect(requests).toEqual([]);
    await sink.tell(event);
    const sent = requests.find(({ operation }) => operation === "repos/create-release")?.body;
    expect(preview).toBe(`POST /repos/acme/shop/releases\n${JSON.stringify(sent, null, 2)}`);
  });
});

const file = (name: string, text: string): ReleaseFile => {
  const bytes = Buffer.from(text);
  return { name, bytes, sha256: createHash("sha256").update(bytes).digest("hex") };
};
const firmware = file("firmware-1.2.0.bin", "\0\u{1}binary");
const bootloader = file("bootloader.bin", "another");

describe("files of a release", () => {
  const texts = ({ assets }: Release) =>
    Object.fromEntries(assets.map(({ name, bytes }) => [name, bytes.toString()]));
  const sums = [bootloader, firmware].map(({ name, sha256 }) => `${sha256}  ${name}\n`).sort();
  const expected = {
    "firmware-1.2.0.bin": "\0\u{1}binary",
    "bootloader.bin": "another",
    SHA256SUMS: sums.join(""),
  };

  async function published(options: GithubServerOptions = {}) {
    const started = await start(options);
    const release = made({ body: MARKER });
    started.state.releases.push(release);
    const attach = () => attachAssets(started.access, "v1.2.0", [firmware, bootloader]);
    return { ...started, release, attach };
  }
  const left = (fields: Partial<Asset>): Asset => ({
    ...{ id: 800, name: firmware.name, content_type: "application/octet-stream" },
    ...{ state: "uploaded", bytes: Buffer.from(firmware.bytes), at: "2026-01-01T00:00:00Z" },
    ...fields,
  });

  it("are uploaded byte for byte, with their sums, and not again", async () => {
    const { release, attach, requests } = await published();
    const told = await attach();
    expect(told.what).toBe("release v1.2.0 has firmware-1.2.0.bin, bootloader.bin, SHA256SUMS");
    expect(texts(release)).toEqual(expected);
    const uploads = () =>
      requests.filter(({ operation }) => operation === "repos/upload-release-asset").length;
    expect(uploads()).toBe(3);
    await attach();
    expect(uploads()).toBe(3);
  });

  it("that are there with other bytes are refused, and nothing is uploaded", async () => {
    const { release, attach } = await published();
    release.assets.push(left({ name: bootloader.name }));
    await expect(attach()).rejects.toMatchObject({
      code: "GITHUB_ASSET_DIFFERS",
      reason: expect.stringContaining(
        `another bootloader.bin: expected sha256:${bootloader.sha256}, found sha256:${firmware.sha256}`,
      ) as string,
    });
    expect(release.assets).toHaveLength(1);
  });

  it("of an upload that never ended are taken away and uploaded again", async () => {
    const { release, attach } = await published({ pageSize: 2 });
    release.assets.push(left({ state: "open", bytes: Buffer.from("half") }));
    await attach();
    expect(texts(release)).toEqual(expected);
  });

  it("are compared by their bytes where the server tells no digest", async () => {
    const { release, attach, state } = await published();
    state.assetDigests = false;
    await attach();
    await attach();
    expect(texts(release)).toEqual(expected);
    const [first] = release.assets as [Asset];
    first.bytes = Buffer.from("other");
    await expect(attach()).rejects.toMatchObject({ code: "GITHUB_ASSET_DIFFERS" });
  });

  it.each([
    ["by a server's error", unavailable(502)],
    ["by a broken connection", "reset" as const],
  ])("are there once, when the answer to an upload is lost %s", async (_, answer) => {
    for (const applied of [true, false]) {
      const { release, attach, faults } = await published();
      faults.push({ on: "repos/upload-release-asset", applied, answer });
      await attach();
      expect(texts(release)).toEqual(expected);
      expect(release.assets).toHaveLength(3);
    }
  });

  it("need a release, and names that GitHub keeps", async () => {
    const { access, requests } = await start();
    await expect(attachAssets(access, "v9", [firmware])).rejects.toMatchObject({
      code: "GITHUB_RELEASE_UNKNOWN",
      reason: "acme/shop has no release of v9",
    });
    const asked = requests.length;
    for (const name of ["a b", "", ".x", "--flag", "../x", "a\nb", "SHA256SUMS", "x".repeat(300)]) {
      await expect(attachAssets(access, "v1.2.0", [file(name, "x")])).rejects.toMatchObject({
        code: "GITHUB_ASSET_NAME_INVALID",
      });
    }
    expect(requests).toHaveLength(asked);
  });

  it("are sent to no other host than GitHub's", async () => {
    const { access, faults, release, requests } = await published();
    const upload_url = "https://evil.example.com/releases/900/assets{?name,label}";
    const body = [{ ...release, html_url: "https://x", upload_url, body: "" }];
    const headers = { "content-type": "application/json" };
    faults.push({ on: "repos/list-releases", answer: { status: 200, headers, body } });
    await expect(attachAssets(access, "v1.2.0", [firmware])).rejects.toMatchObject({
      code: "GITHUB_UNAVAILABLE",
      reason: expect.stringContaining("wants files to be sent to evil.example.com") as string,
    });
    expect(requests.map(({ operation }) => operation)).not.toContain("repos/upload-release-asset");
  });
});
