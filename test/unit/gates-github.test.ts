import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { SluiceError } from "../../.dagger/src/error.ts";
import { githubChecks } from "../../.dagger/src/gates/checks/github-checks.ts";
import { repositoryOf } from "../../.dagger/src/github/repository.ts";
import { secondaryLimit, primaryLimit, type Fault } from "../support/github/faults.ts";
import { githubServer, githubToken } from "../support/github/server.ts";
import type { Said } from "../support/github/state.ts";

const commit = "c".repeat(40);
const run = (id: number, name: string, conclusion: string | null, more: object = {}) => ({
  id,
  name,
  status: conclusion === null ? "in_progress" : "completed",
  conclusion,
  app: { slug: "github-actions" },
  ...more,
});
const status = (context: string, state: string) => ({ context, state });

/** The error that reading the checks ends with. */
async function failureOf(reading: Promise<unknown>): Promise<SluiceError> {
  const error = await reading.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SluiceError);
  const failure = error as SluiceError;
  expect(`${failure.message} ${String(failure.cause)}`).not.toContain(githubToken);
  return failure;
}

interface Seen {
  runs?: readonly Said[];
  statuses?: readonly Said[];
  faults?: readonly Fault[];
}

/** A server where two items make a page, and the checks that are read from it. */
async function read({ runs = [], statuses = [], faults = [] }: Seen, timeoutMs = 10_000) {
  const github = await githubServer({ pageSize: 2 });
  github.state.checkRuns.set(commit, runs);
  github.state.statuses.set(commit, statuses);
  github.state.commits.add(commit);
  github.faults.push(...faults);
  const options = { token: githubToken, secondMs: 1, timeoutMs };
  return { ...github, checks: githubChecks(github.remote, commit, options) };
}

/** However often it is asked. */
const always = (answer: Fault["answer"]): Seen => ({ faults: [{ times: Infinity, answer }] });

describe("checks on GitHub", () => {
  it("are check runs and statuses of all pages, each in its latest run", async () => {
    const { checks, requests } = await read({
      runs: [
        run(7, "unit", "success"),
        run(3, "unit", "failure"),
        run(4, "docs", "skipped"),
        run(5, "lint", "neutral"),
        run(6, "e2e", "timed_out"),
        run(8, "deploy", null),
        run(9, "unit", "cancelled", { app: { slug: "other-ci" } }),
        run(10, "plain", "success", { app: null }),
      ],
      statuses: [
        status("ci/build", "success"),
        status("ci/build", "error"),
        status("ci/scan", "pending"),
      ],
    });
    expect(await checks).toEqual([
      { name: "unit", green: true, state: "success" },
      { name: "docs", green: true, state: "skipped" },
      { name: "lint", green: true, state: "neutral" },
      { name: "e2e", green: false, state: "timed_out" },
      { name: "deploy", green: false, state: "in_progress" },
      { name: "unit", green: false, state: "cancelled" },
      { name: "plain", green: true, state: "success" },
      { name: "ci/scan", green: false, state: "pending" },
      { name: "ci/build", green: true, state: "success" },
    ]);
    const path = `/api/v3/repos/acme/shop/commits/${commit}`;
    expect(requests.map(({ line }) => line).sort()).toEqual([
      `GET ${path}/check-runs?per_page=100&page=1&filter=latest`,
      `GET ${path}/check-runs?per_page=100&page=2&filter=latest`,
      `GET ${path}/check-runs?per_page=100&page=3&filter=latest`,
      `GET ${path}/check-runs?per_page=100&page=4&filter=latest`,
      `GET ${path}/statuses?per_page=100&page=1`,
      `GET ${path}/statuses?per_page=100&page=2`,
    ]);
  });

  it("are none where none ran", async () => {
    expect(await (await read({})).checks).toEqual([]);
  });

  it.each([
    [
      "401",
      { status: 401 },
      "GITHUB_UNAUTHORIZED",
      "does not accept the token",
      "checks: read, statuses: read",
    ],
    [
      "403",
      { status: 403 },
      "GITHUB_FORBIDDEN",
      "the token may not read the checks of acme/shop",
      "checks: read, statuses: read",
    ],
    [
      "404",
      { status: 404 },
      "GITHUB_NOT_FOUND",
      "shows no repository acme/shop to this token",
      "checks: read, statuses: read",
    ],
    [
      "422",
      { status: 422 },
      "GITHUB_COMMIT_UNKNOWN",
      `acme/shop has no commit ${commit}`,
      "push the commit first",
    ],
    ["409", { status: 409 }, "GITHUB_UNAVAILABLE", "answered 409", "try again"],
    ["503", { status: 503 }, "GITHUB_UNAVAILABLE", "answered 503", "try again"],
    [
      "a secondary limit",
      secondaryLimit(1000),
      "GITHUB_LIMITED",
      "takes no more requests for now",
      "try again in 1000 s",
    ],
    [
      "the primary limit",
      primaryLimit(new Date("2037-01-01")),
      "GITHUB_LIMITED",
      "takes no more requests",
      "try again after 2037-01-01T00:00:00.000Z",
    ],
    ["429", { status: 429 }, "GITHUB_LIMITED", "takes no more requests", "try again in a minute"],
    [
      "a page of HTML",
      { status: 200, headers: { "content-type": "text/html" }, body: "<p>Log in" },
      "GITHUB_UNAVAILABLE",
      "answered something else",
      "nothing between",
    ],
    [
      "half an answer",
      { status: 200, headers: { "content-type": "application/json" }, body: '{"check_runs": [' },
      "GITHUB_UNAVAILABLE",
      "answered something else",
      "try again",
    ],
  ])("can't be read at %s, which says what to do", async (_, fault, code, reason, next) => {
    const failure = await failureOf((await read(always(fault))).checks);
    expect(failure.code).toBe(code);
    expect(failure.reason).toContain(reason);
    expect(failure.hint).toContain(next);
  });

  it("can't be read when a later page is refused: what is on it would be missing", async () => {
    const runs = [1, 2, 3].map((id) => run(id, `unit-${id}`, "success"));
    const later = { line: /check-runs.*page=2/, answer: { status: 409 } };
    const failure = await failureOf((await read({ runs, faults: [later] })).checks);
    expect(failure.code).toBe("GITHUB_UNAVAILABLE");
  });

  it("can't be read with another token, or of a commit that was never pushed", async () => {
    const { remote } = await read({});
    expect((await failureOf(githubChecks(remote, commit, { token: "x" }))).code).toBe(
      "GITHUB_UNAUTHORIZED",
    );
    const other = githubChecks(remote, "d".repeat(40), { token: githubToken });
    expect((await failureOf(other)).code).toBe("GITHUB_COMMIT_UNKNOWN");
  });

  it("can't be read from a server that never answers", async () => {
    const { checks } = await read(always("hang"), 50);
    const failure = await failureOf(checks);
    expect(failure.code).toBe("GITHUB_UNAVAILABLE");
    expect(failure.reason).toContain("can't be reached");
  });

  it("can't be read where nobody listens", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    const remote = `http://127.0.0.1:${port}/acme/shop`;
    const failure = await failureOf(githubChecks(remote, commit, { secondMs: 1 }));
    expect(failure.reason).toContain("can't be reached");
  });
});

describe("the repository on GitHub", () => {
  it.each([
    ["https://github.com/acme/shop.git", "https://api.github.com"],
    ["git@github.com:acme/shop.git", "https://api.github.com"],
    ["ssh://git@github.com:22/acme/shop", "https://api.github.com"],
    ["https://acme.ghe.com/acme/shop", "https://api.acme.ghe.com"],
    ["https://git.example.com:8443/acme/shop/", "https://git.example.com:8443/api/v3"],
    ["git@git.example.com:acme/shop.git", "https://git.example.com/api/v3"],
    ["http://localhost:3000/acme/shop", "http://localhost:3000/api/v3"],
  ])("of %s is asked at %s", (remote, api) => {
    expect(repositoryOf({}, remote)).toEqual({ owner: "acme", repo: "shop", api });
  });

  it.each([
    [undefined, "found none"],
    ["/srv/git/shop.git", "found /srv/git/shop.git"],
    ["https://github.com/acme", "expected a remote such as"],
    ["https://example.com/a/b/c.git", "expected a remote such as"],
    ["http://git.example.com/acme/shop", "expected an https address, found http://git.example.com"],
  ])("is not known of %s", (remote, reason) => {
    expect(() => repositoryOf({}, remote)).toThrow(reason);
  });
});
