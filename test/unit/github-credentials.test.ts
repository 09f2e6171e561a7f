import { describe, expect, it } from "vitest";
import { githubCredentials } from "../../.dagger/src/github/connection.ts";
import type { SecretUse } from "../../.dagger/src/release.ts";
import { refusalOf } from "../support/shipyard.ts";

/** What a release was given, by what it is for. */
function given(...all: [SecretUse, string][]): Parameters<typeof githubCredentials>[0] {
  const secrets = all.map(([use, value]) => ({
    use,
    secret: { plaintext: () => Promise.resolve(value) },
  }));
  return { secretsFor: (wanted) => secrets.filter(({ use }) => use.use === wanted) };
}

const gitToken: [SecretUse, string] = [{ use: "git-token" }, "ghp_git\n"];
const setting = (name: string, value: string): [SecretUse, string] => [
  { use: "setting", name },
  value,
];

describe("what signs in to GitHub", () => {
  it("is its own token, before anything else", async () => {
    const all = given(
      gitToken,
      [{ use: "github-token" }, "ghp_api\n"],
      setting("GITHUB_APP_ID", "1"),
    );
    expect(await githubCredentials(all)).toEqual({ token: "ghp_api" });
  });

  it("is an App by its settings, before the token of the git remote", async () => {
    const app = [
      setting("GITHUB_APP_ID", "17"),
      setting("GITHUB_APP_PRIVATE_KEY", "-----BEGIN…"),
      setting("GITHUB_APP_INSTALLATION_ID", "42"),
    ];
    expect(await githubCredentials(given(gitToken, ...app))).toEqual({
      app: { id: "17", privateKey: "-----BEGIN…", installationId: 42 },
    });
  });

  it("is refused for an App without its key, by the key's name", async () => {
    const refusal = await refusalOf(githubCredentials(given(setting("GITHUB_APP_ID", "17"))));
    expect(refusal).toMatchObject({ code: "SETTING_MISSING" });
    expect(refusal.message).toContain("GITHUB_APP_PRIVATE_KEY is missing or empty");
  });

  it("is the token of the git remote, or nothing", async () => {
    expect(await githubCredentials(given(gitToken))).toEqual({ token: "ghp_git" });
    expect(await githubCredentials(given())).toEqual({});
  });
});
