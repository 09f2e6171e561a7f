import { describe, expect, it } from "vitest";
import type { ReleaseEvent } from "../../.dagger/src/announce/event.ts";
import { issuesSink } from "../../.dagger/src/github/issues.ts";
import { githubAccess } from "../support/github/access.ts";
import { unavailable } from "../support/github/faults.ts";
import { releaseEvent } from "../support/github/events.ts";
import type { GithubServerOptions } from "../support/github/options.ts";
import { githubServer } from "../support/github/server.ts";
import type { Actor, Issue } from "../support/github/state.ts";

const ann: Actor = { login: "ann", type: "User" };
const MARKER = "<!-- sluice:failing shop live -->";

/** The nth thing that happened. */
const nth = (
  n: number,
  kind: ReleaseEvent["kind"],
  more: Partial<ReleaseEvent> = {},
): ReleaseEvent =>
  releaseEvent(kind, {
    id: `${kind} live ${n}`,
    at: new Date(Date.UTC(2026, 0, 31, 12, n)).toISOString(),
    runUrl: `https://ci.example.com/runs/${n}`,
    ...more,
  });

async function start(options: GithubServerOptions = {}, labels = ["release-failure"]) {
  const github = await githubServer(options);
  const sink = () => issuesSink(githubAccess(github), labels);
  return { ...github, sink: sink(), another: sink };
}

/** Lets nobody pass before so many have come. */
function barrier(count: number): () => Promise<void> {
  const waiting: (() => void)[] = [];
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      if (waiting.length >= count) for (const pass of waiting) pass();
    });
}

const bodies = ({ comments }: Issue) => comments.map(({ body }) => body);

describe("the issue of a failing channel", () => {
  it("is opened with the first failure: the run, the reason, and what operators noted", async () => {
    const { sink, state } = await start();
    const event = nth(1, "promotion-failed", {
      reason: "web answered 500 to /healthz",
      notes: { "Root cause": "a missing setting" },
    });
    const told = await sink.tell(event);
    expect(told?.what).toBe("opened issue #2");
    expect(told?.url).toMatch(/\/acme\/shop\/issues\/2$/);
    expect(state.labels.map(({ name }) => name)).toEqual(["release-failure"]);
    const [issue] = state.issues;
    expect(issue).toMatchObject({
      ...{ title: "Releases of shop to live fail", state: "open", labels: ["release-failure"] },
    });
    expect(issue?.body).toBe(
      [
        "**Promotion of cccccccccccc to live failed**\n",
        "web answered 500 to /healthz\n",
        `- Commit: \`${"c".repeat(40)}\``,
        "- Run, with logs and report: <https://ci.example.com/runs/1>",
        "- At: 2026-01-31T12:01:00.000Z, by ann\n",
        "### Root cause\n\na missing setting\n",
        "<!-- sluice:at 2026-01-31T12:01:00.000Z -->",
        "<!-- sluice:event promotion-failed live 1 -->",
        MARKER,
      ].join("\n"),
    );
  });

  it("is commented on by further failures, closed by a success, and opened again", async () => {
    const { sink, state } = await start();
    const what = async (event: ReleaseEvent) => (await sink.tell(event))?.what;
    await what(nth(1, "promotion-failed"));
    expect(await what(nth(2, "deployment-failed"))).toBe("updated issue #2");
    expect(await what(nth(3, "deployed", { target: "live" }))).toBe("closed issue #2");
    expect(state.issues).toMatchObject([{ state: "closed", state_reason: "completed" }]);
    expect(await what(nth(4, "promotion-failed"))).toBe("reopened issue #2");
    expect(state.issues).toMatchObject([{ state: "open", state_reason: "reopened" }]);
    expect(await what(nth(5, "rolled-back"))).toBe("closed issue #2");
    const said = bodies(state.issues[0] as Issue).map((body) => body.split("\n")[0]);
    expect(said).toEqual([
      "**Deployment of cccccccccccc to live failed**",
      "**Deployed cccccccccccc to live**",
      "**Promotion of cccccccccccc to live failed**",
      "**Rolled live back to cccccccccccc**",
    ]);
  });

  it("tells each event once, however often it is told", async () => {
    const { sink, state } = await start();
    const events = [nth(1, "promotion-failed"), nth(2, "deployment-failed"), nth(3, "promoted")];
    for (const event of events) for (let i = 0; i < 2; i++) await sink.tell(event);
    expect(state.issues).toHaveLength(1);
    expect(bodies(state.issues[0] as Issue)).toHaveLength(2);
    await sink.tell(nth(2, "deployment-failed"));
    expect(state.issues).toMatchObject([{ state: "closed", comments: { length: 2 } }]);
  });

  it("is one, when several fail at once: the first; all that happened is in it", async () => {
    const all = barrier(3);
    const before = (operation: string) =>
      operation === "issues/create" ? all() : Promise.resolve();
    const { another, state } = await start({ before });
    const events = [1, 2, 3].map((n) => nth(n, "promotion-failed"));
    await Promise.all(events.map((event) => another().tell(event)));
    expect(state.issues).toHaveLength(3);
    const open = state.issues.filter((issue) => issue.state === "open");
    expect(open).toHaveLength(1);
    const first = open[0] as Issue;
    expect(first.number).toBe(Math.min(...state.issues.map(({ number }) => number)));
    const text = [first.body, ...bodies(first)].join();
    for (const { runUrl } of events) expect(text).toContain(runUrl);
    for (const issue of state.issues.slice(1)) {
      expect(issue).toMatchObject({ state: "closed", state_reason: "not_planned" });
      expect(issue.body).toMatch(new RegExp(`^Duplicate of #${first.number}\n`));
      expect(issue.body).not.toContain(MARKER);
    }
  });

  it("is the first one, where there are several, and the others are closed by a success", async () => {
    const { sink, state } = await start();
    await sink.tell(nth(1, "promotion-failed"));
    const copy = { ...structuredClone(state.issues[0] as Issue), number: 77 };
    state.issues.push(copy);
    await sink.tell(nth(2, "promoted"));
    expect(state.issues.map(({ number, state: is }) => [number, is])).toEqual([
      [2, "closed"],
      [77, "closed"],
    ]);
    expect(copy.body).toContain("Duplicate of #2");
  });

  it("is found on later pages, among issues and comments of others", async () => {
    const { sink, state } = await start({ pageSize: 2 });
    const others = [100, 101, 102, 103, 104].map((number) => ({
      ...{ number, title: "Another", body: "", state: "open" as const, state_reason: null },
      ...{ labels: ["release-failure"], by: ann, at: "2026-01-01T00:00:00Z", comments: [] },
    }));
    await sink.tell(nth(1, "promotion-failed"));
    state.issues.unshift(...others);
    const issue = state.issues.at(-1) as Issue;
    issue.number = 999;
    for (let id = 2; id < 7; id++) await sink.tell(nth(id, "promotion-failed"));
    for (let id = 2; id < 7; id++) await sink.tell(nth(id, "promotion-failed"));
    expect(state.issues).toHaveLength(6);
    expect(issue.comments).toHaveLength(5);
  });

  it("isn't opened again by a failure that is told after a later success", async () => {
    const { sink, state } = await start();
    await sink.tell(nth(1, "promotion-failed"));
    await sink.tell(nth(3, "promoted"));
    expect((await sink.tell(nth(2, "promotion-failed")))?.what).toBe("updated issue #2");
    expect(state.issues).toMatchObject([{ state: "closed", comments: { length: 2 } }]);
  });

  it("isn't closed by a success that is told after a later failure", async () => {
    const { sink, state } = await start();
    await sink.tell(nth(2, "promotion-failed"));
    expect(await sink.tell(nth(1, "promoted"))).toBeUndefined();
    expect(state.issues).toMatchObject([{ state: "open", comments: { length: 0 } }]);
  });

  it("isn't hidden by what strangers write", async () => {
    const { sink, state } = await start();
    await sink.tell(nth(1, "promotion-failed"));
    const body =
      "<!-- sluice:at 2030-01-01T00:00:00Z -->\n<!-- sluice:event promotion-failed live 2 -->";
    const by: Actor = { login: "stranger", type: "User" };
    state.issues[0]?.comments.push({ id: 500, body, by, at: "2026-01-01T00:00:00Z" });
    await sink.tell(nth(2, "promotion-failed"));
    await sink.tell(nth(3, "promoted"));
    expect(state.issues).toMatchObject([{ state: "closed", comments: { length: 3 } }]);
  });

  it("is of its channel and pipeline alone, whatever they are called", async () => {
    const { sink, state } = await start();
    for (const channel of ["live", "a--> b", "release/1"]) {
      await sink.tell(nth(1, "promotion-failed", { channel }));
    }
    await sink.tell(nth(1, "promotion-failed", { pipeline: "till" }));
    expect(state.issues).toHaveLength(4);
    expect(state.issues[1]?.body).toContain("<!-- sluice:failing shop a%2D-%3E%20b -->");
  });

  it("mentions nobody and breaks nothing, whatever the reason is", async () => {
    const { sink, state } = await start();
    const reason = "@acme/all ```` <!-- sluice:failing shop live -->";
    const notes = { "Root cause": "<!-- sluice:at 2030-01-01T00:00:00Z -->\n<b>@ann" };
    const runUrl = "javascript:alert(1)";
    await sink.tell(nth(1, "promotion-failed", { reason, notes, runUrl, channel: "edge" }));
    await sink.tell(nth(2, "promotion-failed", { release: "v1`0", by: "<@ann>" }));
    expect(state.issues).toHaveLength(2);
    const text = state.issues.map(({ body }) => body).join("\n");
    expect(text.match(/<!-- sluice:at/g)).toHaveLength(2);
    expect(text).not.toMatch(/javascript|<b>|@ann|@acme|````/);
  });

  it("takes notes that are longer than GitHub takes", async () => {
    const { sink, state } = await start();
    const notes = { Log: "x".repeat(100_000) };
    await sink.tell(nth(1, "promotion-failed", { notes }));
    await sink.tell(nth(1, "promotion-failed", { notes }));
    expect(state.issues).toMatchObject([{ comments: { length: 0 } }]);
  });

  it("has the label `sluice` when none is named", async () => {
    const { sink, state } = await start({}, []);
    await sink.tell(nth(1, "promotion-failed"));
    expect(state.issues).toMatchObject([{ labels: ["sluice"] }]);
  });

  it.each([
    ["issues/create", nth(1, "promotion-failed")],
    ["issues/create-label", nth(1, "promotion-failed")],
    ["issues/create-comment", nth(2, "promotion-failed")],
    ["issues/update", nth(2, "promoted")],
  ])("has all once, when the answer to %s is lost", async (on, event) => {
    for (const answer of [unavailable(500), "reset" as const]) {
      const { sink, state, faults } = await start();
      if (!event.id.endsWith("1")) await sink.tell(nth(1, "promotion-failed"));
      faults.push({ on, applied: true, answer });
      await sink.tell(event);
      const [issue] = state.issues;
      expect(state.issues).toHaveLength(1);
      expect(state.labels).toHaveLength(1);
      expect(issue?.comments).toHaveLength(event.id.endsWith("1") ? 0 : 1);
      expect(issue?.state).toBe(event.kind === "promoted" ? "closed" : "open");
    }
  });

  it("is previewed as the exact text, and nothing is asked", async () => {
    const { sink, state, requests } = await start();
    const failure = await sink.preview(nth(1, "promotion-failed"));
    const success = await sink.preview(nth(2, "promoted"));
    expect(await sink.preview(nth(3, "merged"))).toBeUndefined();
    expect(requests).toEqual([]);
    await sink.tell(nth(1, "promotion-failed"));
    await sink.tell(nth(2, "promoted"));
    const [issue] = state.issues as [Issue];
    expect(failure).toBe(
      `open, or comment on, the issue "Releases of shop to live fail" (release-failure):\n\n${issue.body}`,
    );
    expect(success).toBe(
      `comment on the issue "Releases of shop to live fail", if it is open, and close it:\n\n${bodies(issue)[0] ?? ""}`,
    );
  });

  it("isn't touched by what is no failure, or no end to one", async () => {
    const { sink, requests } = await start();
    for (const kind of ["deploying", "taken-back", "merged"] as const) {
      expect(await sink.tell(nth(1, kind))).toBeUndefined();
    }
    expect(requests).toEqual([]);
    expect(await sink.tell(nth(1, "promoted"))).toBeUndefined();
  });
});
