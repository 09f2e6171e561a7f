import { describe, expect, it } from "vitest";
import { buildNames } from "../../.dagger/src/build/names.ts";
import { labelsOf } from "../../.dagger/src/build/labels.ts";
import { checkedCommit } from "../../.dagger/src/source/commit.ts";
import { unignored } from "../../.dagger/src/source/ignored.ts";
import { webAddress } from "../../.dagger/src/source/web-address.ts";

const commit = "0123456789abcdef0123456789abcdef01234567";

describe("the web address of a remote", () => {
  it.each([
    ["git@github.com:acme/shop.git", "https://github.com/acme/shop"],
    ["https://user:token@github.com/acme/shop.git", "https://github.com/acme/shop"],
    ["ssh://git@git.example.com:2222/acme/shop", "https://git.example.com/acme/shop"],
    ["https://git.example.com:8443/acme/shop/", "https://git.example.com:8443/acme/shop"],
    ["http://localhost:3000/acme/shop.git", "http://localhost:3000/acme/shop"],
  ])("of %s is %s", (remote, address) => {
    expect(webAddress(remote)).toBe(address);
  });

  it.each(["/srv/git/shop.git", "../shop", "file:///srv/shop", "C:\\shop"])(
    "of %s is not known",
    (remote) => {
      expect(webAddress(remote)).toBeUndefined();
    },
  );
});

describe("a commit", () => {
  it("is given in full", () => {
    expect(checkedCommit(` ${commit.toUpperCase()}\n`)).toBe(commit);
  });

  it.each(["", "0123456", "main", "$(touch x)", `${commit}0`])("is not %j", (text) => {
    expect(() => checkedCommit(text)).toThrow(/expected 40 hexadecimal digits.*\[COMMIT_INVALID\]/);
  });
});

describe("an image's labels", () => {
  const names = { version: undefined, created: undefined };
  const facts = { committedAt: 1_772_701_200, origin: "https://github.com/acme/shop" };

  it("say commit, version, source, and the commit's time", () => {
    expect(labelsOf({ commit, changed: [] }, facts, names)).toEqual({
      "org.opencontainers.image.revision": commit,
      "org.opencontainers.image.version": commit,
      "org.opencontainers.image.source": "https://github.com/acme/shop",
      "org.opencontainers.image.created": "2026-03-05T09:00:00Z",
    });
  });

  it("never claim a commit that the files differ from", () => {
    expect(labelsOf({ commit, changed: ["a"] }, facts, names)).toMatchObject({
      "org.opencontainers.image.revision": `${commit}-dirty`,
    });
  });

  it("take version and time from the command line", () => {
    const given = buildNames("v1.2.3", "2026-01-31T12:00:00+01:00");
    expect(labelsOf({ commit, changed: [] }, facts, given)).toMatchObject({
      "org.opencontainers.image.version": "v1.2.3",
      "org.opencontainers.image.created": "2026-01-31T12:00:00+01:00",
    });
  });

  it.each([
    ["a\nb", undefined, "--version"],
    ["", undefined, "--version"],
    [undefined, "yesterday", "--created"],
    [undefined, "2026-13-01T00:00:00Z", "--created"],
  ])("refuse version %j and time %j", (version, created, flag) => {
    expect(() => buildNames(version, created)).toThrow(flag);
  });
});

describe("changed paths", () => {
  it("leave out what the source never takes along", () => {
    expect(
      unignored(["src/a", "web/node_modules/x/y", ".artifacts/r", "node_modules.txt"]),
    ).toEqual(["src/a", "node_modules.txt"]);
  });
});
