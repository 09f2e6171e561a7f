import { describe, expect, test } from "vitest";
import { scrubber } from "../../.dagger/src/git/auth.ts";
import { gitConfig } from "../../.dagger/src/git/config.ts";
import { parseRemote } from "../../.dagger/src/git/remote.ts";
import { originUrl } from "../../.dagger/src/git/source.ts";

describe("a remote's URL", () => {
  test.each([
    ["https://github.com/acme/shop.git", "http", "https://github.com/acme/shop.git"],
    ["http://127.0.0.1:3000/shop", "http", "http://127.0.0.1:3000/shop"],
    ["https://ann:secret@git.example.com:8443/x", "http", "https://git.example.com:8443/x"],
    ["ssh://git@git.example.com:2222/x.git", "ssh", "ssh://git@git.example.com:2222/x.git"],
    ["ssh://git:secret@git.example.com/x", "ssh", "ssh://git@git.example.com/x"],
    ["git@github.com:acme/shop.git", "ssh", "git@github.com:acme/shop.git"],
    ["github.com:acme/shop.git", "ssh", "github.com:acme/shop.git"],
    ["/srv/git/shop.git", "file", "/srv/git/shop.git"],
    ["file:///srv/my%20git/shop.git", "file", "/srv/my git/shop.git"],
  ])("%s is understood, without its password", (text, transport, url) => {
    expect(parseRemote(text)).toMatchObject({ transport, url });
  });

  test("says where a token belongs, and how known_hosts names the server", () => {
    expect(parseRemote("https://ann:p%40ss@git.example.com:8443/x")).toEqual({
      transport: "http",
      url: "https://git.example.com:8443/x",
      origin: "https://git.example.com:8443",
      username: "ann",
      password: "p@ss",
    });
    expect(parseRemote("ssh://git@git.example.com:2222/x").host).toBe("[git.example.com]:2222");
    expect(parseRemote("git@git.example.com:x").host).toBe("git.example.com");
  });

  test.each([
    ...["", "shop", "../shop.git", "--upload-pack=touch /tmp/x", "-oProxyCommand=id:x"],
    ...["ext::sh -c id", "git://example.com/x", "ftp://example.com/x", "https://", "C:\\shop"],
    ...["ssh://-oProxyCommand=id/x", "ssh://-x@example.com/y", "git@-x:y", "git@host:-x"],
    ...["https://example.com/a\nb", "git@host:a\0b", "file://elsewhere/srv", "fd::3", "a b:c"],
  ])("%j is refused", (text) => {
    expect(() => parseRemote(text)).toThrow(
      expect.objectContaining({ code: "GIT_REMOTE_INVALID" }) as Error,
    );
  });

  test("that is refused is shown without its password", () => {
    const shown = (): unknown => parseRemote("ftp://ann:secret@example.com/x");
    expect(shown).toThrow('"ftp://***@example.com/x": expected the URL of a git remote');
  });
});

test("the remote is the first URL of origin, wherever that stands", () => {
  const config = [
    '[remote "upstream"]',
    "\turl = https://example.com/upstream",
    '[remote "origin"]',
    "\tfetch = +refs/heads/*:refs/remotes/origin/*",
    '\turl = "git@example.com:shop.git"',
    "\turl = https://example.com/second",
    '[branch "main"]',
    "\turl = https://example.com/branch",
  ].join("\n");
  expect(originUrl(config)).toBe("git@example.com:shop.git");
  expect(originUrl('[remote "upstream"]\n\turl = x\n')).toBeUndefined();
  expect(originUrl("")).toBeUndefined();
});

describe("git's configuration", () => {
  test("names no secret, and sends a token to its own server only", () => {
    const config = gitConfig(parseRemote("https://ann:secret@example.com/x"), {});
    expect(config).toContain('[credential "https://example.com"]');
    expect(config).not.toContain("secret");
    expect(gitConfig(parseRemote("git@example.com:x"), {})).not.toContain("[credential");
  });

  test("lets ssh trust the given host keys only, wherever that file lies", () => {
    const config = gitConfig(undefined, { knownHosts: "/tmp/it's here/known_hosts" });
    expect(config).toContain("StrictHostKeyChecking=yes");
    expect(config).toContain(String.raw`'UserKnownHostsFile=\"/tmp/it'\\''s here/known_hosts\"'`);
    expect(config).toContain("GlobalKnownHostsFile=/dev/null");
  });
});

test("secrets are taken out of what git says, in any form", () => {
  const key = `-----BEGIN KEY-----\n${"abcdefgh".repeat(8)}\n-----END KEY-----\n`;
  const scrub = scrubber({ username: "ann", token: "p@ss word", sshKey: key });
  const basic = Buffer.from("ann:p@ss word").toString("base64");
  expect(scrub(`a p@ss word b p%40ss%20word c ${basic} d ${"abcdefgh".repeat(8)}`)).toBe(
    "a *** b *** c *** d ***",
  );
  expect(scrub("fatal: https://bob:other@example.com/x not found")).toBe(
    "fatal: https://***@example.com/x not found",
  );
});
