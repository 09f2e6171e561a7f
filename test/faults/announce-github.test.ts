import { describe, expect, it } from "vitest";
import { announce, retryQueued } from "../../.dagger/src/announce/announce.ts";
import { announcementSchema } from "../../.dagger/src/announce/announcement.ts";
import type { Sink } from "../../.dagger/src/announce/sink.ts";
import { webhookSink } from "../../.dagger/src/announce/webhook.ts";
import type { GithubOptions } from "../../.dagger/src/github/client.ts";
import { connectGithub } from "../../.dagger/src/github/client.ts";
import { discussionSink } from "../../.dagger/src/github/discussions/sink.ts";
import { primaryLimit, secondaryLimit, unavailable } from "../support/github/faults.ts";
import { startForum, type Forum } from "../support/github/graphql-forum.ts";
import { addDiscussion } from "../support/github/graphql-state.ts";
import { githubToken } from "../support/github/server.ts";
import type { Actor } from "../support/github/state.ts";
import { deployedEvent } from "../support/releaseEvents.ts";
import { webServer } from "../support/webServer.ts";

const ann: Actor = { login: "ann", type: "User" };
const title = "Deployments";
const name = "discussion live";
/** It is no success: what was told elsewhere is not looked for, and so requests can be counted. */
const event = deployedEvent({ kind: "taken-back", id: "deployment live 12 taken-back" });

async function sinkOf(
  forum: Forum,
  options: GithubOptions = {},
  api = forum.server.api,
): Promise<Sink> {
  const repository = { ...forum.server.repository, api };
  const common = { token: githubToken, secondMs: 1, deadlineMs: 5000 };
  return discussionSink({
    ...{ repository, octokit: await connectGithub(repository, { ...common, ...options }) },
    discussion: {
      ...{ name: "live", channels: ["live"], merges: undefined, title, category: "Deployments" },
      ...{ body: undefined, template: undefined, label: undefined },
    },
  });
}

function progress() {
  const lines: string[] = [];
  return { lines, onProgress: (line: string) => void lines.push(line) };
}

/** Makes the request after an operation end badly. */
function failAfter(forum: Forum, operation: string, fault: Forum["server"]["faults"][number]) {
  forum.state.before = (asked) => {
    if (asked !== operation) return;
    forum.state.before = () => undefined;
    forum.server.faults.push({ on: "graphql", ...fault });
  };
}

const commentsOf = ({ state }: Forum) => state.discussions.flatMap(({ comments }) => comments);

describe("a deployment that GitHub can't be told of", () => {
  it("is queued with the reason, and told exactly once when GitHub is back", async () => {
    const forum = await startForum();
    const { lines, onProgress } = progress();
    const sink = await sinkOf(forum);
    forum.server.faults.push({ times: 1000, answer: unavailable(503) });
    const said = await announce(event, [sink], onProgress);
    expect(said.sinks).toEqual({
      [name]: {
        outcome: "queued",
        reason: `${forum.server.api} answered 503 when asked to write discussions in acme/shop [GITHUB_UNAVAILABLE] (next: try again; see https://www.githubstatus.com)`,
      },
    });
    expect(lines).toEqual([expect.stringContaining(`${name} could not be told`)]);
    expect(forum.state.discussions).toEqual([]);

    // As the ledger gives it back to the next run.
    const kept = announcementSchema.parse(JSON.parse(JSON.stringify(said)));
    expect(await retryQueued([kept], [sink], onProgress)).toEqual([]);
    forum.server.faults.length = 0;
    const [told] = await retryQueued([kept], [sink], onProgress);
    const [comment] = commentsOf(forum);
    expect(told!.sinks[name]).toEqual({
      ...{ outcome: "told", reason: `commented on "${title}"` },
      url: `${forum.server.url}/acme/shop/discussions/1#discussioncomment-${comment!.number}`,
    });
    expect(await retryQueued([kept, told!], [sink], onProgress)).toEqual([]);
    expect(commentsOf(forum)).toHaveLength(1);
  });

  it("is told once by two runs that try again at the same time", async () => {
    const forum = await startForum();
    const { onProgress } = progress();
    const kept = { event, sinks: { [name]: { outcome: "queued" as const } } };
    const sinks = await Promise.all([sinkOf(forum), sinkOf(forum)]);
    const told = await Promise.all(sinks.map((sink) => retryQueued([kept], [sink], onProgress)));
    expect(told.map(([one]) => one?.sinks[name]?.outcome)).toEqual(["told", "told"]);
    expect(forum.state.discussions).toHaveLength(1);
    expect(commentsOf(forum)).toHaveLength(1);
  });

  it("does not keep others from being told", async () => {
    const forum = await startForum();
    const { onProgress } = progress();
    let posted = 0;
    const port = await webServer((_, response) => {
      posted += 1;
      response.end();
    });
    forum.server.faults.push({ times: 1000, answer: "reset" });
    const webhook = webhookSink({ url: `http://127.0.0.1:${port}/` });
    const { sinks } = await announce(event, [await sinkOf(forum), webhook], onProgress);
    expect(sinks[name]).toMatchObject({ outcome: "queued" });
    expect(sinks[name]!.reason).toContain("[GITHUB_UNAVAILABLE]");
    expect(sinks.webhook).toMatchObject({ outcome: "told" });
    expect(posted).toBe(1);
  });

  it("for good, such as without its category, says what to do, and is told once that is done", async () => {
    const forum = await startForum();
    const { onProgress } = progress();
    forum.state.categories = ["General"];
    const sink = await sinkOf(forum);
    const said = await announce(event, [sink], onProgress);
    expect(said.sinks[name]).toEqual({
      outcome: "queued",
      reason:
        'acme/shop has no discussion category "Deployments": expected one of General [DISCUSSION_CATEGORY_MISSING] (next: create the category in the repository\'s Discussions, or name another one in the pipeline file)',
    });
    forum.state.categories.push("Deployments");
    await retryQueued([said], [sink], onProgress);
    expect(commentsOf(forum)).toHaveLength(1);
  });

  it("with an expired token says so without showing it", async () => {
    const forum = await startForum({
      [githubToken]: { ...ann, expiresAt: Date.parse("2020-01-01T00:00:00Z") },
    });
    const { lines, onProgress } = progress();
    const { sinks } = await announce(event, [await sinkOf(forum)], onProgress);
    expect(sinks[name]!.reason).toMatch(
      /does not accept the token \[GITHUB_UNAUTHORIZED\] \(next: give a token that may write discussions in acme\/shop \(discussions: write\)\)$/,
    );
    expect(`${JSON.stringify(sinks)}${lines.join()}`).not.toContain(githubToken);
  });
});

describe("an answer that is lost after it was carried out", () => {
  it.each([
    ["a server's error", unavailable(502)],
    ["a broken connection", "reset" as const],
  ])("by %s leaves one comment", async (_, answer) => {
    const forum = await startForum();
    addDiscussion(forum.state, ann, { title, category: "Deployments", body: "x" });
    failAfter(forum, "Comments", { applied: true, answer });
    const told = await (await sinkOf(forum)).tell(event);
    expect(commentsOf(forum)).toHaveLength(1);
    expect(told!.url).toContain(`#discussioncomment-${commentsOf(forum)[0]!.number}`);
    expect(forum.state.operations.filter((one) => one === "AddComment")).toHaveLength(1);
  });

  it("leaves one thread", async () => {
    const forum = await startForum();
    failAfter(forum, "Threads", { applied: true, answer: unavailable(504) });
    await (await sinkOf(forum)).tell(event);
    expect(forum.state.discussions).toHaveLength(1);
    expect(forum.state.operations.filter((one) => one === "CreateThread")).toHaveLength(1);
    expect(commentsOf(forum)).toHaveLength(1);
  });

  it("as GraphQL says it, with status 200, leaves one comment", async () => {
    const forum = await startForum();
    const message = "Something went wrong while executing your query. This may be a timeout.";
    forum.state.faults.push({ on: "AddComment", applied: true, error: { message } });
    await (await sinkOf(forum)).tell(event);
    expect(commentsOf(forum)).toHaveLength(1);
    expect(forum.state.operations.filter((one) => one === "AddComment")).toHaveLength(1);
  });

  it("and never was carried out is written again, three times at most", async () => {
    const forum = await startForum();
    const { onProgress } = progress();
    const fault = { on: "AddComment", error: { message: "Something went wrong" } };
    forum.state.faults.push(fault, fault);
    const sink = await sinkOf(forum);
    await sink.tell(event);
    expect(commentsOf(forum)).toHaveLength(1);
    forum.state.faults.push(fault, fault, fault);
    const other = { ...event, id: "deployment live 13 taken-back" };
    const { sinks } = await announce(other, [sink], onProgress);
    expect(sinks[name]!.reason).toContain("could not say whether it did what it was asked");
    expect(sinks[name]!.reason).toContain("[GITHUB_UNAVAILABLE]");
    expect(commentsOf(forum)).toHaveLength(1);
  });
});

describe("GitHub's limits", () => {
  it("that end soon are waited for, and the event is told once", async () => {
    const forum = await startForum();
    const { lines, onProgress } = progress();
    addDiscussion(forum.state, ann, { title, category: "Deployments", body: "x" });
    failAfter(forum, "Comments", { answer: secondaryLimit(2) });
    await (await sinkOf(forum, { onProgress })).tell(event);
    expect(lines).toEqual(["GitHub's secondary limit is reached: waiting 2 s"]);
    expect(commentsOf(forum)).toHaveLength(1);
  });

  it("that end too late leave the event queued, with the time to try again", async () => {
    const forum = await startForum();
    const { onProgress } = progress();
    const reset = new Date(Math.ceil(Date.now() / 1000) * 1000 + 1_800_000);
    forum.server.faults.push({ times: 5, answer: primaryLimit(reset) });
    const { sinks } = await announce(event, [await sinkOf(forum)], onProgress);
    expect(sinks[name]!.reason).toContain("takes no more requests for now [GITHUB_LIMITED]");
    expect(sinks[name]!.reason).toContain(`try again after ${reset.toISOString()}`);
  });

  it.each([
    ["an Enterprise server", "/api/v3"],
    ["github.com", ""],
  ])("as GraphQL of %s says them, with status 200, are no refusal", async (_, path) => {
    const forum = await startForum();
    const { onProgress } = progress();
    const error = { type: "RATE_LIMITED", message: "API rate limit exceeded for user ID 1." };
    forum.state.faults.push({ on: "Home", error });
    const sink = await sinkOf(forum, {}, `${forum.server.url}${path}`);
    const { sinks } = await announce(event, [sink], onProgress);
    expect(sinks[name]!.reason).toMatch(
      /takes no more requests for now \[GITHUB_LIMITED\] \(next: try again after 20\d\d-/,
    );
    expect(forum.state.discussions).toEqual([]);
    await sink.tell(event);
    expect(commentsOf(forum)).toHaveLength(1);
  });
});

describe("a thread that goes away", () => {
  it("while it is written to leaves the event queued, and is begun anew by the next run", async () => {
    const forum = await startForum();
    const { onProgress } = progress();
    addDiscussion(forum.state, ann, { title, category: "Deployments", body: "x" });
    forum.state.before = (operation) => {
      if (operation === "AddComment") forum.state.discussions = [];
    };
    const sink = await sinkOf(forum);
    const said = await announce(event, [sink], onProgress);
    expect(said.sinks[name]!.reason).toContain("[GITHUB_NOT_FOUND]");
    forum.state.before = () => undefined;
    await retryQueued([said], [sink], onProgress);
    expect(forum.state.discussions).toHaveLength(1);
    expect(commentsOf(forum)).toHaveLength(1);
  });
});

describe("what answers in GitHub's place", () => {
  it.each([
    ["another form", { data: { repository: { id: 1 } } }],
    ["text", "<html>proxy</html>"],
    ["nothing", {}],
  ])("with %s leaves the event queued, with what to look at", async (_, body) => {
    const forum = await startForum();
    const { onProgress } = progress();
    const headers = { "content-type": "application/json" };
    forum.server.faults.push({ times: 9, answer: { status: 200, headers, body } });
    const { sinks } = await announce(event, [await sinkOf(forum)], onProgress);
    expect(sinks[name]!.reason).toContain("[GITHUB_UNAVAILABLE]");
    expect(sinks[name]!.reason).toContain("answered something else");
  });
});
