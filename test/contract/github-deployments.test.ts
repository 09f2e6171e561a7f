import { describe, expect, it } from "vitest";
import type { ReleaseEvent } from "../../.dagger/src/announce/event.ts";
import { deploymentsSink } from "../../.dagger/src/github/deployments.ts";
import { githubAccess } from "../support/github/access.ts";
import { releaseEvent, releasedCommit } from "../support/github/events.ts";
import { githubServer } from "../support/github/server.ts";
import type { Deployment, GithubState } from "../support/github/state.ts";

const other = "e".repeat(40);
const at = (
  sequence: number,
  kind: ReleaseEvent["kind"],
  more: Partial<ReleaseEvent> = {},
): ReleaseEvent =>
  releaseEvent(kind, {
    ...{ id: `deployment live ${sequence} ${kind}`, target: "live", environment: "production" },
    ...{ url: "https://shop.example.com", runUrl: "https://ci.example.com/runs/7" },
    ...more,
  });

async function start(pageSize?: number) {
  const github = await githubServer(pageSize === undefined ? {} : { pageSize });
  github.state.commits.add(releasedCommit).add(other);
  return { ...github, sink: deploymentsSink(githubAccess(github)) };
}

const states = ({ statuses }: Deployment) => statuses.map(({ state }) => state);
const ends = ({ deployments }: GithubState) => deployments.map((one) => states(one).at(-1));

describe("deployments on GitHub", () => {
  it("are in progress from their beginning, and succeed, with links to run and target", async () => {
    const { sink, state } = await start();
    const told = await sink.tell(at(1, "deploying"));
    expect(told?.what).toBe("deployment 1 to production: in_progress");
    expect(told?.url).toMatch(/^http:.*\/acme\/shop\/deployments\/production$/);
    await sink.tell(at(1, "deployed", { targetRelease: "v42" }));
    const [one] = state.deployments;
    expect(state.deployments).toHaveLength(1);
    expect(one).toMatchObject({
      sha: releasedCommit,
      ref: releasedCommit,
      task: "deploy",
      environment: "production",
      production_environment: true,
      description: "shop: cccccccccccc to live",
      payload: { sluice: { key: "deployment live 1", pipeline: "shop", target: "live" } },
      statuses: [
        { state: "in_progress" },
        {
          state: "success",
          description: "v42",
          log_url: "https://ci.example.com/runs/7",
          environment_url: "https://shop.example.com/",
        },
      ],
    });
  });

  it("are told once, however often their events are told", async () => {
    const { sink, state } = await start();
    for (const kind of ["deploying", "deploying", "deployed", "deployed", "deploying"] as const) {
      await sink.tell(at(1, kind));
    }
    expect(state.deployments.map(states)).toEqual([["in_progress", "success"]]);
  });

  it("are made inactive by the next success, production or not, and by nothing else", async () => {
    const { sink, state } = await start();
    await sink.tell(at(1, "deployed"));
    await sink.tell(at(2, "deploying", { commit: other }));
    await sink.tell(at(2, "deployment-failed", { commit: other, reason: "health check failed" }));
    expect(ends(state)).toEqual(["success", "failure"]);
    await sink.tell(at(3, "deployed"));
    expect(ends(state)).toEqual(["inactive", "failure", "success"]);
    await sink.tell(at(4, "taken-back", { commit: other }));
    expect(ends(state)).toEqual(["inactive", "failure", "inactive", "success"]);
    expect(state.deployments[1]?.statuses.at(-1)?.description).toBe("health check failed");
    expect(state.deployments[2]?.statuses.at(-1)?.description).toBe(
      "replaced by deployment live 4",
    );
  });

  it("don't stay in progress when their run was killed", async () => {
    const { sink, state } = await start();
    await sink.tell(at(1, "deployed"));
    await sink.tell(at(2, "deploying"));
    await sink.tell(at(3, "deploying"));
    expect(ends(state)).toEqual(["success", "error", "in_progress"]);
    state.deployments.at(-1)?.statuses.splice(0);
    await sink.tell(at(4, "deployment-failed"));
    expect(ends(state)).toEqual(["success", "error", "error", "failure"]);
    await sink.tell(at(5, "deployed"));
    expect(ends(state)).toEqual(["inactive", "error", "error", "failure", "success"]);
    expect(state.deployments[1]?.statuses.at(-1)?.description).toBe(
      "ended without a word; followed by deployment live 3",
    );
  });

  it("are found on later pages, too", async () => {
    const { sink, state } = await start(2);
    for (let sequence = 1; sequence <= 5; sequence++) {
      await sink.tell(at(sequence, "deployed", { commit: other }));
    }
    state.deployments.slice(0, 5).forEach(({ statuses }) => statuses.splice(1));
    await sink.tell(at(6, "deployed"));
    expect(ends(state)).toEqual([...Array<string>(5).fill("inactive"), "success"]);
    await sink.tell(at(1, "deployed", { commit: other }));
    expect(state.deployments).toHaveLength(6);
  });

  it("are made inactive however many have failed since", async () => {
    const { sink, state } = await start();
    await sink.tell(at(1, "deployed"));
    for (let sequence = 2; sequence <= 13; sequence++) {
      await sink.tell(at(sequence, "deployment-failed"));
    }
    await sink.tell(at(14, "deployed"));
    expect(ends(state)).toEqual(["inactive", ...Array<string>(12).fill("failure"), "success"]);
  });

  it("begin and end at once when GitHub wasn't told of the beginning", async () => {
    const { sink, state } = await start();
    await sink.tell(at(1, "deployment-failed"));
    expect(state.deployments.map(states)).toEqual([["failure"]]);
  });

  it("are replaced at once when they are told after a newer one", async () => {
    const { sink, state } = await start();
    await sink.tell(at(2, "deployed"));
    await sink.tell(at(1, "deployed", { commit: other }));
    expect(state.deployments.map(states)).toEqual([["success"], ["success", "inactive"]]);
    await sink.tell(at(3, "deployed"));
    expect(ends(state)).toEqual(["inactive", "inactive", "success"]);
  });

  it("of others, of other places and other pipelines are left to them", async () => {
    const { sink, state } = await start();
    await sink.tell(at(1, "deployed", { id: "deployment staging/2 1 deployed" }));
    await sink.tell(at(1, "deploying", { pipeline: "till" }));
    await sink.tell(at(1, "deploying"));
    const foreign = { ...structuredClone(state.deployments[0]), id: 999, payload: "not JSON" };
    state.deployments.push(foreign as Deployment);
    await sink.tell(at(2, "deployed"));
    expect(ends(state)).toEqual(["success", "in_progress", "inactive", "success", "success"]);
  });

  it("of one key but another commit are another deployment", async () => {
    const { sink, state } = await start();
    await sink.tell(at(1, "deployment-failed"));
    await sink.tell(at(1, "taken-back", { commit: other }));
    expect(state.deployments.map(states)).toEqual([["failure"], ["success"]]);
  });

  it("take what GitHub would not: long reasons, and links that aren't of the web", async () => {
    const { sink, state } = await start();
    const more = { reason: "x".repeat(300), url: "ssh://host", runUrl: "nowhere" };
    await sink.tell(at(1, "deployment-failed", { ...more, release: "v".repeat(300) }));
    const [one] = state.deployments;
    expect(one?.description).toHaveLength(140);
    expect(one?.statuses[0]?.description).toBe(`${"x".repeat(139)}…`);
    expect(one?.statuses[0]).toMatchObject({ log_url: "", environment_url: "" });
  });

  it("are previewed as the very requests, and nothing is sent", async () => {
    const { sink, requests } = await start();
    const preview = await sink.preview(at(1, "deployed"));
    expect(requests).toEqual([]);
    await sink.tell(at(1, "deployed"));
    const sent = requests.filter(({ line }) => line.startsWith("POST")).map(({ body }) => body);
    const bodies = (preview ?? "")
      .split(/^POST .*$/m)
      .slice(1)
      .map((text) => JSON.parse(text) as unknown);
    expect(bodies).toEqual(sent);
    expect(preview).toContain("POST /repos/acme/shop/deployments\n");
  });

  it("aren't of promotions", async () => {
    const { sink, requests } = await start();
    expect(await sink.preview(releaseEvent("promoted"))).toBeUndefined();
    expect(await sink.tell(releaseEvent("promoted"))).toBeUndefined();
    expect(requests).toEqual([]);
  });
});
