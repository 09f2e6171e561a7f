import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { connectGithub, type GithubOptions } from "../../.dagger/src/github/client.ts";
import { issuesSink } from "../../.dagger/src/github/issues.ts";
import { githubAccess } from "../support/github/access.ts";
import type { AppSettings } from "../support/github/auth.ts";
import { releaseEvent } from "../support/github/events.ts";
import type { GithubServer, GithubServerOptions } from "../support/github/options.ts";
import { githubServer, githubToken } from "../support/github/server.ts";
import { startGithub } from "../support/github/start.ts";

const key = (type: "pkcs1" | "pkcs8") =>
  generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type, format: "pem" },
  });
const keys = key("pkcs1");
const permissions = { issues: "write", contents: "write", deployments: "write" } as const;
const app: AppSettings = { id: "7", publicKey: keys.publicKey, installation: 42, permissions };
const event = releaseEvent("promotion-failed");

/** Opens an issue with these credentials. */
async function open(github: Pick<GithubServer, "repository">, credentials: GithubOptions) {
  return issuesSink(githubAccess(github, credentials), []).tell(event);
}

describe("a token", () => {
  it.each([
    ["is missing", {}, "GITHUB_NOT_FOUND", "shows no repository acme/shop"],
    ["is wrong", { token: "ghp_wrong" }, "GITHUB_UNAUTHORIZED", "does not accept the token"],
    ["has expired", { token: "ghp_old" }, "GITHUB_UNAUTHORIZED", "does not accept the token"],
    ["may only read", { token: "ghp_reader" }, "GITHUB_FORBIDDEN", "may not write issues in"],
    ["is of another repository", { token: "ghp_other" }, "GITHUB_NOT_FOUND", "no repository"],
  ])("that %s says which permission it takes", async (_, credentials, code, reason) => {
    const { state, ...github } = await githubServer({
      tokens: {
        ghp_old: { login: "ann", type: "User", expiresAt: Date.now() - 1 },
        ghp_reader: { login: "ann", type: "User", permissions: { issues: "read" } },
        ghp_other: { login: "ann", type: "User", permissions: {} },
      },
    });
    await expect(open(github, credentials)).rejects.toMatchObject({
      code,
      reason: expect.stringContaining(reason) as string,
      hint: "give a token that may write issues in acme/shop (issues: write)",
    });
    expect(state.issues).toEqual([]);
  });

  it("isn't needed to read what is public", async () => {
    const { state, repository } = await githubServer();
    state.private = false;
    const { rest } = await connectGithub(repository);
    const { owner, repo } = repository;
    expect((await rest.issues.listForRepo({ owner, repo })).data).toEqual([]);
  });

  it("isn't given together with an App", async () => {
    const { repository } = await githubServer();
    const both = { token: githubToken, app: { id: "7", privateKey: keys.privateKey } };
    await expect(connectGithub(repository, both)).rejects.toMatchObject({
      code: "GITHUB_CREDENTIALS_AMBIGUOUS",
    });
  });
});

describe("an App", () => {
  const start = (options: GithubServerOptions = {}) =>
    githubServer({ tokens: {}, app, ...options });

  it("finds its installation by the repository, and acts as its bot", async () => {
    const github = await start();
    await open(github, { app: { id: "7", privateKey: keys.privateKey } });
    expect(github.state.issues).toMatchObject([{ by: { login: "sluice[bot]" } }]);
    expect(github.requests.slice(0, 2).map(({ operation }) => operation)).toEqual([
      "apps/get-repo-installation",
      "apps/create-installation-access-token",
    ]);
    const tokens = github.requests.filter(({ operation }) => operation.includes("access-token"));
    expect(tokens).toHaveLength(1);
  });

  it("takes the installation that is named, and keys in every form", async () => {
    const pkcs8 = key("pkcs8");
    const github = await start({ app: { ...app, publicKey: pkcs8.publicKey } });
    const privateKey = pkcs8.privateKey.replaceAll("\n", "\\n");
    await open(github, { app: { id: "7", privateKey, installationId: 42 } });
    expect(github.state.issues).toHaveLength(1);
    expect(github.requests.map(({ operation }) => operation)).not.toContain(
      "apps/get-repo-installation",
    );
  });

  it.each([
    ["has another id", { id: "8" }, "GITHUB_UNAUTHORIZED"],
    ["has another key", { privateKey: key("pkcs8").privateKey }, "GITHUB_UNAUTHORIZED"],
    ["has no readable key", { privateKey: "-----BEGIN RSA KEY-----" }, "GITHUB_APP_KEY_INVALID"],
    ["names a wrong installation", { installationId: 1 }, "GITHUB_NOT_FOUND"],
  ])("that %s is refused, and its key is not shown", async (_, more, code) => {
    const github = await start();
    const credentials = { app: { id: "7", privateKey: keys.privateKey, ...more } };
    const error = await open(github, credentials).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code });
    expect(JSON.stringify(error) + String(error)).not.toContain("PRIVATE");
    expect(github.state.issues).toEqual([]);
  });

  it("that isn't installed on the repository says so", async () => {
    const github = await start();
    const elsewhere = { repository: { ...github.repository, repo: "till" } };
    const credentials = { app: { id: "7", privateKey: keys.privateKey } };
    await expect(open(elsewhere, credentials)).rejects.toMatchObject({
      code: "GITHUB_APP_NOT_INSTALLED",
      reason: `the App is not installed on acme/till at ${github.api}`,
    });
  });

  it("that lacks a permission says which", async () => {
    const github = await start({ app: { ...app, permissions: { contents: "write" } } });
    await expect(
      open(github, { app: { id: "7", privateKey: keys.privateKey } }),
    ).rejects.toMatchObject({ code: "GITHUB_FORBIDDEN", hint: /issues: write/ });
  });
});

describe("the API", () => {
  it.each([
    ["of Enterprise", "/api/v3", "/api/graphql"],
    ["of github.com", "", "/graphql"],
  ])("%s is asked at its own paths, GraphQL too", async (_, path, graphql) => {
    const github = await githubServer({
      graphql: ({ query, variables }, { actor, owner, repo }) =>
        Promise.resolve({ data: { query, variables, by: actor.login, in: `${owner}/${repo}` } }),
    });
    const repository = { ...github.repository, api: `${github.url}${path}` };
    await open({ repository }, { token: githubToken });
    const octokit = await connectGithub(repository, { token: githubToken });
    const query = "query ($name: String!) { x(name: $name) { id } }";
    expect(await octokit.graphql(query, { name: "shop" })).toEqual({
      ...{ query, variables: { name: "shop" }, by: "ann", in: "acme/shop" },
    });
    expect(github.requests.at(0)?.line).toMatch(new RegExp(`^GET ${path}/repos/acme/shop/issues`));
    expect(github.requests.at(-1)).toMatchObject({ operation: "graphql", line: `POST ${graphql}` });
  });
});

describe("the stand-in for GitHub", () => {
  it.each([
    ["an unknown path", "GET /repos/acme/shop/isues", {}, 404, "GitHub has no such operation"],
    ["an unknown method", "PUT /repos/acme/shop/issues", {}, 404, "GitHub has no such operation"],
    ["an unknown field", "POST /repos/acme/shop/issues", { title: "x", boddy: "" }, 422, "boddy"],
    ["a wrong type", "POST /repos/acme/shop/issues", { title: {} }, 422, "/title must"],
    ["a missing field", "POST /repos/acme/shop/issues", { body: "x" }, 422, "'title'"],
    ["an unknown parameter", "GET /repos/acme/shop/issues", { lables: "x" }, 422, "lables"],
    ["a wrong parameter", "GET /repos/acme/shop/issues", { per_page: "ten" }, 422, "per_page"],
    ["a wrong value", "GET /repos/acme/shop/issues", { state: "shut" }, 422, "query state"],
  ])("refuses %s, and remembers it", async (_, route, parameters, status, violation) => {
    const { close, ...github } = await startGithub();
    const { request } = await connectGithub(github.repository, {
      ...{ token: githubToken, secondMs: 1 },
    });
    await expect(request(route, parameters)).rejects.toMatchObject({ status });
    expect(github.violations.join()).toContain(violation);
    await close();
  });
});
