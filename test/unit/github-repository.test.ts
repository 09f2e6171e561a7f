import { describe, expect, it } from "vitest";
import { repositoryOf, webAddressOf } from "../../.dagger/src/github/repository.ts";

const HERE = "https://git.example.com/acme/shop.git";

describe("the repository that a pipeline file names", () => {
  it.each([
    [
      "in place of the remote's",
      { repository: "acme/till" },
      HERE,
      "https://git.example.com/api/v3",
    ],
    ["without a remote", { repository: "acme/till" }, undefined, "https://api.github.com"],
    [
      "with its API",
      { repository: "acme/till", api: "https://api.acme.ghe.com/" },
      HERE,
      "https://api.acme.ghe.com",
    ],
    [
      "with an API on this machine",
      { repository: "acme/till", api: "http://127.0.0.1:3000/api/v3" },
      "/srv/git/shop",
      "http://127.0.0.1:3000/api/v3",
    ],
  ])("is taken %s", (_, given, remote, api) => {
    expect(repositoryOf(given, remote)).toEqual({ owner: "acme", repo: "till", api });
  });

  it.each(["acme", "acme/shop/more", "acme/..", "acme/$(id)", "--flag/ shop", "a\nb/c", "", "a/"])(
    "is refused as %j",
    (repository) => {
      expect(() => repositoryOf({ repository }, HERE)).toThrow("expected a name such as acme/shop");
    },
  );

  it.each([
    ["http://git.example.com/api/v3", "which would show the token"],
    ["ftp://git.example.com", "expected the URL of its API"],
    ["git.example.com", "expected the URL of its API"],
    ["https://ann:secret@git.example.com/api/v3", "expected the URL of its API"],
  ])("is refused with the API %s, whose password isn't shown", (api, reason) => {
    const make = () => repositoryOf({ api }, HERE);
    expect(make).toThrow(reason);
    expect(make).not.toThrow("secret");
  });
});

describe("the address of a repository for people", () => {
  it.each([
    ["https://api.github.com", "https://github.com/acme/shop"],
    ["https://api.acme.ghe.com", "https://acme.ghe.com/acme/shop"],
    ["https://git.example.com:8443/api/v3", "https://git.example.com:8443/acme/shop"],
  ])("of %s is %s", (api, address) => {
    expect(webAddressOf({ owner: "acme", repo: "shop", api })).toBe(address);
  });
});
