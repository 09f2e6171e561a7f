import { carryOut, type Ended } from "../../.dagger/src/deploy/carry-out.ts";
import { deployContext } from "../../.dagger/src/deploy/context.ts";
import type { Deployer, DeploymentWanted } from "../../.dagger/src/deploy/deployer.ts";
import type { DeploymentData } from "../../.dagger/src/deploy/model.ts";
import { placeOf } from "../../.dagger/src/deploy/place.ts";
import { before } from "../../.dagger/src/deploy/rollback-choice.ts";
import type { DeploymentRun } from "../../.dagger/src/deploy/run.ts";
import { readTarget } from "../../.dagger/src/deploy/target-state.ts";
import { tellEnd } from "../../.dagger/src/deploy/tell.ts";
import { urlOf } from "../../.dagger/src/deploy/url.ts";
import { chosen } from "../../.dagger/src/deploy/wanted.ts";
import { inYard, type Yard } from "./shipyard.ts";
import { webServer } from "./webServer.ts";

/** A platform that runs what it is given, and answers for it over HTTP. */
export interface SmallPlatform {
  url: string;
  /** Commit of what runs there. */
  runs: string | undefined;
  /** What it was asked to run, in that order. */
  asked: { kind: DeploymentWanted["kind"]; commit: string; digests: string[] }[];
  /** Goes wrong before it runs this, or after. */
  fails: Map<string, Error>;
  /** Says something else than it runs. */
  lies: Map<string, string>;
  /** Called at each deployment. */
  onDeploy: (wanted: DeploymentWanted) => Promise<void>;
  deployer: Deployer;
}

/** Serves `/api/version` until the test ends. */
export async function smallPlatform(): Promise<SmallPlatform> {
  const platform: SmallPlatform = {
    ...{ url: "", runs: undefined, asked: [], fails: new Map(), lies: new Map() },
    onDeploy: () => Promise.resolve(),
    deployer: {
      plan: () => Promise.resolve([]),
      running: () => Promise.resolve(undefined),
      logs: () => Promise.resolve(""),
      async deploy(wanted) {
        const { kind, commit, images } = wanted;
        platform.asked.push({ kind, commit, digests: images.map(({ digest }) => digest) });
        await platform.onDeploy(wanted);
        const fault = platform.fails.get(commit);
        if (fault) throw fault;
        platform.runs = commit;
        return { release: `v${platform.asked.length}`, notes: [] };
      },
    },
  };
  const port = await webServer((_request, response) => {
    const { runs = "" } = platform;
    const said = platform.lies.get(runs) ?? runs;
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ commit_sha: said }));
  });
  platform.url = `http://127.0.0.1:${port}`;
  return platform;
}

/** Sections of a pipeline file with one target, `live`, of the channel prod. */
export function targetSections(
  { url }: Pick<SmallPlatform, "url">,
  target: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const asked = { version: {}, probe: { path: "/healthz", stableFor: "1ms" } };
  return { targets: { live: { channel: "prod", url, ...asked, fly: { app: "shop" }, ...target } } };
}

/** What to deploy. */
export interface DeploymentInYard {
  kind?: "deployment" | "rollback";
  to?: string;
  replay?: boolean;
  reason?: string;
  onProgress?: (line: string) => void;
}

/** Deploys to the yard's target, and tells of it: all but what needs an engine. */
export function deployIn(
  yard: Yard,
  platform: SmallPlatform,
  {
    kind = "deployment",
    to,
    replay = false,
    reason,
    onProgress = () => undefined,
  }: DeploymentInYard = {},
): Promise<{ data: DeploymentData; fault: Ended["fault"]; kept: DeploymentRun["kept"] }> {
  return inYard(yard, async (release) => {
    const place = placeOf(release.pipeline, {});
    const choose = (state: Awaited<ReturnType<typeof readTarget>>) =>
      kind === "rollback"
        ? before(release, place, state, to)
        : chosen(release, place, state, { to, replay });
    const wanted = await choose(await readTarget(release.ledger, place.stream));
    const kept: DeploymentRun["kept"] = new Map();
    const context = await deployContext(release, place, {
      commit: wanted.commit,
      kept,
      onProgress,
    });
    const run: DeploymentRun = {
      ...{ release, place, wanted, kept, context, reason, onProgress, notes: {} },
      url: await urlOf(place, context.settings),
      deployer: () => platform.deployer,
    };
    const check = async (state: Parameters<typeof choose>[0]) => {
      await choose(state);
    };
    const ended = await carryOut(run, { waitMs: 0, check });
    const announcement = await tellEnd(run, ended);
    return { data: { ...ended.data, announcement }, fault: ended.fault, kept };
  });
}
