import { describe, expect, it } from "vitest";
import { parseTemplate } from "../../.dagger/src/announce/template.ts";
import {
  discussionSink,
  type DiscussionOptions,
} from "../../.dagger/src/github/discussions/sink.ts";
import { SluiceError } from "../../.dagger/src/error.ts";
import { startForum, type Forum } from "../support/github/graphql-forum.ts";
import { addComment, addDiscussion } from "../support/github/graphql-state.ts";
import { githubToken } from "../support/github/server.ts";
import type { Actor } from "../support/github/state.ts";
import { deployedEvent } from "../support/releaseEvents.ts";

const ci: Actor = { login: "ann", type: "User" };
const title = "Deployment Strategy: live branch";
const discussion: DiscussionOptions["discussion"] = {
  ...{ name: "live", channels: ["live"], merges: "main", title, category: "Deployments" },
  ...{ body: undefined, template: undefined, label: "live" },
};

async function sinkOf(forum: Forum, more: Partial<DiscussionOptions> = {}, token?: string) {
  const octokit = await forum.connect(token);
  return discussionSink({ octokit, repository: forum.server.repository, discussion, ...more });
}

async function failureOf(work: Promise<unknown>): Promise<SluiceError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SluiceError);
  expect((error as SluiceError).message).not.toContain(githubToken);
  return error as SluiceError;
}

describe("a thread that is missing", () => {
  it("is begun in its category with its body and label, and told of the deployment", async () => {
    const forum = await startForum();
    const sink = await sinkOf(forum, { bodyText: "# Deployment Strategy\n\nThis thread…" });
    const told = await sink.tell(deployedEvent());
    const [thread] = forum.state.discussions;
    expect(forum.state.discussions).toHaveLength(1);
    expect(thread).toMatchObject({
      ...{ title, category: "Deployments", body: "# Deployment Strategy\n\nThis thread…" },
      labels: ["live"],
    });
    expect(forum.state.labels.map(({ name }) => name)).toEqual(["live"]);
    expect(thread!.comments.map(({ body }) => body)).toEqual([
      `## Deployed v2026.11.21 to cloud

- Deployed commit/tag: v2026.11.21 (${"c".repeat(40)})
- Previous commit: ${"b".repeat(40)}
- Channel: live
- Target: cloud (production)
- URL: https://acme.fly.dev
- Release ID: rel_k3j2
- Validation: https://ci.example.com/runs/7
- Rollback status: n/a
- Runbook updates: none
- Digests:
  - api: \`sha256:${"1".repeat(64)}\`
  - web: \`sha256:${"2".repeat(64)}\`
- By: ci

---
_Posted by CI · shop · 2026-11-21T14:00:00.000Z_

<!-- sluice:about deployed ${"c".repeat(40)} live cloud -->
<!-- sluice:event deployment live 12 deployed -->
`,
    ]);
    const url = `${forum.server.url}/acme/shop/discussions/${thread!.number}`;
    expect(told).toEqual({
      what: `commented on "${title}"`,
      url: `${url}#discussioncomment-${thread!.comments[0]!.number}`,
    });
  });

  it("gets a body that says what it tells of when none is given", async () => {
    const forum = await startForum();
    await (await sinkOf(forum)).tell(deployedEvent());
    expect(forum.state.discussions[0]!.body).toBe(
      `# ${title}\n\nThis thread tells of releases of live and of merges into main.\n`,
    );
  });

  it("is begun once by two runs at the same time: the older one stays", async () => {
    const forum = await startForum();
    forum.state.before = (operation) => {
      if (operation !== "CreateThread") return;
      forum.state.before = () => undefined;
      addDiscussion(forum.state, ci, { title, category: "Deployments", body: "by the other run" });
    };
    await (await sinkOf(forum)).tell(deployedEvent());
    expect(forum.state.discussions.map(({ body }) => body)).toEqual(["by the other run"]);
    expect(forum.state.discussions[0]!.comments).toHaveLength(1);
    expect(forum.state.operations).toContain("DeleteThread");
  });

  it("is begun once when two real runs tell different events together", async () => {
    const forum = await startForum();
    const [one, other] = await Promise.all([sinkOf(forum), sinkOf(forum)]);
    await Promise.all([
      one.tell(deployedEvent()),
      other.tell(deployedEvent({ id: "deployment live 13 deployed" })),
    ]);
    expect(forum.state.discussions).toHaveLength(1);
    expect(forum.state.discussions[0]!.comments).toHaveLength(2);
  });
});

describe("a thread that is there", () => {
  it("is found behind a hundred others of its category, whatever was written last", async () => {
    const forum = await startForum();
    for (let index = 0; index < 150; index++) {
      const about = { title: `Release ${index}`, category: "Deployments", body: "x" };
      addDiscussion(forum.state, ci, about);
    }
    addDiscussion(forum.state, ci, { title, category: "Announcements", body: "another category" });
    const thread = addDiscussion(forum.state, ci, { title, category: "Deployments", body: "x" });
    await (await sinkOf(forum)).tell(deployedEvent());
    expect(forum.state.discussions).toHaveLength(152);
    expect(thread.comments).toHaveLength(1);
    expect(thread.labels).toEqual(["live"]);
    expect(forum.state.operations.filter((name) => name === "Threads")).toHaveLength(2);
  });

  it("is not that of a stranger who begins one of the same title", async () => {
    const forum = await startForum();
    forum.state.strangers.add("mallory");
    const mallory: Actor = { login: "mallory", type: "User" };
    const forged = addDiscussion(forum.state, mallory, {
      ...{ title, category: "Deployments", body: "x" },
    });
    await (await sinkOf(forum)).tell(deployedEvent());
    expect(forged.comments).toEqual([]);
    expect(forum.state.discussions).toHaveLength(2);
  });

  it("is the open one when an older one was closed", async () => {
    const forum = await startForum();
    const about = { title, category: "Deployments", body: "x" };
    const closed = addDiscussion(forum.state, ci, about);
    closed.closed = true;
    const sink = await sinkOf(forum);
    await sink.tell(deployedEvent());
    expect(closed.comments).toHaveLength(1);
    const open = addDiscussion(forum.state, ci, about);
    await sink.tell(deployedEvent({ id: "deployment live 13 deployed" }));
    expect([closed.comments.length, open.comments.length]).toEqual([1, 1]);
  });
});

describe("an event", () => {
  it("that is told twice makes one comment, by another token too", async () => {
    const bot: Actor = { login: "github-actions[bot]", type: "Bot" };
    const forum = await startForum({ [githubToken]: ci, ghs_bot: bot });
    const first = await (await sinkOf(forum, {}, "ghs_bot")).tell(deployedEvent());
    const again = await (await sinkOf(forum)).tell(deployedEvent());
    expect(forum.state.discussions[0]!.comments).toHaveLength(1);
    expect(again).toEqual({ what: `was told before in "${title}"`, url: first!.url });
  });

  it("is found again behind hundreds of newer comments", async () => {
    const forum = await startForum();
    const sink = await sinkOf(forum);
    const first = await sink.tell(deployedEvent());
    const [thread] = forum.state.discussions;
    for (let index = 0; index < 250; index++) addComment(forum.state, thread!, ci, `note ${index}`);
    forum.state.operations = [];
    expect((await sink.tell(deployedEvent()))!.url).toBe(first!.url);
    expect(thread!.comments).toHaveLength(251);
    // The related updates take one page, the search for the mark all three.
    expect(forum.state.operations.filter((name) => name === "Comments")).toHaveLength(4);
  });

  it("is not looked for among comments that are older than itself", async () => {
    const forum = await startForum();
    const sink = await sinkOf(forum);
    const thread = addDiscussion(forum.state, ci, { title, category: "Deployments", body: "x" });
    forum.state.now = () => Date.parse("2026-10-01T00:00:00Z");
    for (let index = 0; index < 350; index++) addComment(forum.state, thread, ci, `note ${index}`);
    forum.state.now = Date.now;
    const at = "2026-11-21T14:00:00.000Z";
    await sink.tell(deployedEvent({ at, kind: "taken-back" }));
    expect(thread.comments).toHaveLength(351);
    // Before writing, and after it.
    expect(forum.state.operations.filter((name) => name === "Comments")).toHaveLength(2);
  });

  it("that is a merge, told again much later, is found however long ago it was told", async () => {
    const forum = await startForum();
    const sink = await sinkOf(forum);
    const merge = (at: string) =>
      deployedEvent({ kind: "merged", id: `merged main ${"c".repeat(40)}`, at });
    forum.state.now = () => Date.parse("2026-10-01T00:00:00Z");
    const first = await sink.tell(merge("2026-10-01T00:00:00.000Z"));
    const [thread] = forum.state.discussions;
    for (let index = 0; index < 150; index++) addComment(forum.state, thread!, ci, `note ${index}`);
    expect((await sink.tell(merge("2026-11-21T14:00:00.000Z")))!.url).toBe(first!.url);
    expect(thread!.comments).toHaveLength(151);
  });

  it("can't be kept from being told by a stranger's mark, or one within a line", async () => {
    const forum = await startForum();
    forum.state.strangers.add("mallory");
    const thread = addDiscussion(forum.state, ci, { title, category: "Deployments", body: "x" });
    const mark = "<!-- sluice:event deployment live 12 deployed -->";
    addComment(forum.state, thread, { login: "mallory", type: "User" }, mark);
    addComment(forum.state, thread, ci, `as it said: ${mark}`);
    await (await sinkOf(forum)).tell(deployedEvent());
    expect(thread.comments).toHaveLength(3);
  });

  it("that two runs tell at the same time leaves the older comment", async () => {
    const forum = await startForum();
    const thread = addDiscussion(forum.state, ci, { title, category: "Deployments", body: "x" });
    forum.state.before = (operation) => {
      if (operation !== "AddComment") return;
      forum.state.before = () => undefined;
      const mark = "<!-- sluice:event deployment live 12 deployed -->";
      addComment(forum.state, thread, ci, `by the other run\n${mark}\n`);
    };
    const told = await (await sinkOf(forum)).tell(deployedEvent());
    expect(thread.comments.map(({ body }) => body.split("\n")[0])).toEqual(["by the other run"]);
    expect(told!.what).toBe(`was told before in "${title}"`);
  });

  it("links what was told of its commit elsewhere, and reminds after a success", async () => {
    const forum = await startForum();
    let now = Date.parse("2026-11-21T14:00:00Z");
    forum.state.now = () => (now += 1000);
    const main = { ...discussion, name: "main", channels: ["main"], title: "Self-hosted" };
    const others = [main, { ...discussion, name: "gone", category: "No such", title: "Gone" }];
    const notices = (channel: string) =>
      channel === "prod" ? ["Merge (don't cherry-pick) the version bump back to main."] : [];
    const commit = "c".repeat(40);
    const onMain = await (
      await sinkOf(forum, { discussion: main })
    ).tell(deployedEvent({ id: "deployment main 3 deployed", channel: "main", target: "hosts" }));
    const onLive = await (await sinkOf(forum)).tell(deployedEvent());
    const other = deployedEvent({ id: "deployment live 11 deployed", commit: "d".repeat(40) });
    await (await sinkOf(forum)).tell(other);
    const prod = { ...discussion, name: "prod", channels: ["prod"] };
    await (
      await sinkOf(forum, { discussion: prod, others, notices })
    ).tell(
      deployedEvent({
        ...{ id: "promotion prod 4", kind: "promoted", channel: "prod", commit },
        ...{ target: undefined, environment: undefined, targetRelease: undefined },
        notes: {
          "Overrides for cloud": "`LOG_LEVEL=debug`",
          "Overrides for self-hosted": "none",
          "Follow-up": "- rollback drill",
        },
      }),
    );
    const thread = forum.state.discussions.find((one) => one.title === title)!;
    const body = thread.comments.at(-1)!.body;
    expect(body).toContain(`### Related updates

- hosts: deployed: ${onMain!.url!}
- cloud: deployed: ${onLive!.url!}

### Overrides for self-hosted

none

### Overrides for cloud

&#96;LOG_LEVEL=debug&#96;

### Follow-up

- rollback drill

### Reminders

- Merge (don't cherry-pick) the version bump back to main.

---`);
  });

  it("of no interest to the thread is skipped without a request", async () => {
    const forum = await startForum();
    const sink = await sinkOf(forum);
    for (const event of [
      deployedEvent({ channel: "staging" }),
      deployedEvent({ kind: "deploying" }),
      deployedEvent({ kind: "promotion-failed" }),
      deployedEvent({ kind: "merged", id: `merged develop ${"c".repeat(40)}` }),
    ]) {
      expect(await sink.tell(event)).toBeUndefined();
      expect(await sink.preview(event)).toBeUndefined();
    }
    expect(forum.state.operations).toEqual([]);
  });

  it("that is a merge comes to the thread that follows its branch, from a template", async () => {
    const forum = await startForum();
    const template = parseTemplate("**{{headline}}** {{commit}}\n\n{{runUrl}}\n", "thread.md");
    const event = deployedEvent({
      ...{ kind: "merged", id: `merged main ${"c".repeat(40)}`, release: undefined },
      ...{ target: undefined, channel: "other" },
    });
    await (await sinkOf(forum, { template })).tell(event);
    expect(forum.state.discussions[0]!.comments[0]!.body).toBe(
      `**Merged cccccccccccc into main** ${"c".repeat(40)}

https://ci.example.com/runs/7

---
_Posted by CI · shop · 2026-11-21T14:00:00.000Z_

<!-- sluice:about merged ${"c".repeat(40)} other other -->
<!-- sluice:event merged main ${"c".repeat(40)} -->
`,
    );
  });

  it("is previewed as the exact text, and nothing is written", async () => {
    const forum = await startForum();
    const sink = await sinkOf(forum, { bodyText: "the body" });
    const fresh = await sink.preview(deployedEvent());
    expect(fresh).toMatch(
      /^new discussion "Deployment Strategy: live branch" in Deployments of acme\/shop, labelled live:\n\nthe body\n\ncomment on it:\n\n## Deployed/,
    );
    expect(forum.state.discussions).toEqual([]);
    await sink.tell(deployedEvent());
    const [thread] = forum.state.discussions;
    const again = await sink.preview(deployedEvent());
    expect(again).toBe(
      `comment on discussion "${title}" in Deployments of acme/shop, labelled live: ${forum.server.url}/acme/shop/discussions/${thread!.number}\n\n${thread!.comments[0]!.body}`,
    );
    expect(thread!.comments).toHaveLength(1);
  });
});

describe("a repository that isn't as the pipeline file has it", () => {
  it("without the category names those there are", async () => {
    const forum = await startForum();
    forum.state.categories = Array.from({ length: 120 }, (_, index) => `Category ${index}`);
    const failure = await failureOf((await sinkOf(forum)).tell(deployedEvent()));
    expect(failure.code).toBe("DISCUSSION_CATEGORY_MISSING");
    expect(failure.reason).toContain('acme/shop has no discussion category "Deployments"');
    expect(failure.reason).toContain("Category 0, Category 1,");
    expect(failure.reason).toContain("Category 119");
    expect(failure.hint).toContain("create the category");
  });

  it("without Discussions says where to switch them on", async () => {
    const forum = await startForum();
    forum.state.enabled = false;
    const failure = await failureOf((await sinkOf(forum)).tell(deployedEvent()));
    expect(failure.message).toBe(
      "Discussions are switched off in acme/shop [DISCUSSIONS_DISABLED]\nNext: switch them on in the repository's settings, under General, Features",
    );
  });

  it("that the token does not see is named", async () => {
    const forum = await startForum();
    const repository = { ...forum.server.repository, repo: "nothing" };
    const failure = await failureOf((await sinkOf(forum, { repository })).tell(deployedEvent()));
    expect(failure.code).toBe("GITHUB_NOT_FOUND");
    expect(failure.reason).toContain("acme/nothing");
  });

  it("whose thread is locked takes comments of those who may write only", async () => {
    const reader: Actor = { login: "bob", type: "User", permissions: { discussions: "write" } };
    const forum = await startForum({ [githubToken]: ci, ghp_bob: reader });
    const thread = addDiscussion(forum.state, ci, { title, category: "Deployments", body: "x" });
    thread.locked = true;
    const failure = await failureOf((await sinkOf(forum, {}, "ghp_bob")).tell(deployedEvent()));
    expect(failure.code).toBe("DISCUSSION_LOCKED");
    expect(failure.reason).toContain(`/acme/shop/discussions/${thread.number}`);
    expect(thread.comments).toEqual([]);
    await (await sinkOf(forum)).tell(deployedEvent());
    expect(thread.comments).toHaveLength(1);
  });
});

describe("a token", () => {
  it("that may not write says which permission it needs, after one attempt", async () => {
    const reader: Actor = { login: "bob", type: "User", permissions: { discussions: "read" } };
    const forum = await startForum({ ghp_bob: reader });
    addDiscussion(forum.state, ci, { title, category: "Deployments", body: "x" });
    const failure = await failureOf((await sinkOf(forum, {}, "ghp_bob")).tell(deployedEvent()));
    expect(failure.code).toBe("GITHUB_FORBIDDEN");
    expect(failure.reason).toContain("Resource not accessible by personal access token");
    expect(failure.hint).toContain("discussions: write");
    expect(forum.state.operations.filter((name) => name === "AddComment")).toHaveLength(1);
  });

  it("that may not make labels tells all the same, and says so", async () => {
    const bot: Actor = {
      ...{ login: "ci[bot]", type: "Bot" },
      permissions: { discussions: "write", issues: "read" },
    };
    const forum = await startForum({ ghs_ci: bot });
    const told = await (await sinkOf(forum, {}, "ghs_ci")).tell(deployedEvent());
    expect(forum.state.discussions[0]!.comments).toHaveLength(1);
    expect(told!.what).toContain("without its label live: the token may not label discussions in");
  });

  it("that is wrong is refused with what to give", async () => {
    const forum = await startForum();
    const failure = await failureOf((await sinkOf(forum, {}, "ghp_old")).tell(deployedEvent()));
    expect(failure.code).toBe("GITHUB_UNAUTHORIZED");
    expect(failure.message).not.toContain("ghp_old");
  });
});

describe("a label", () => {
  it("that another run makes at the same moment is used", async () => {
    const forum = await startForum();
    forum.state.before = (operation) => {
      if (operation !== "CreateLabel") return;
      forum.state.before = () => undefined;
      forum.state.labels.push({ id: 1, name: "Live", color: "ffffff", description: "" });
    };
    await (await sinkOf(forum)).tell(deployedEvent());
    expect(forum.state.discussions[0]!.labels).toEqual(["Live"]);
    expect(forum.state.labels).toHaveLength(1);
  });
});
