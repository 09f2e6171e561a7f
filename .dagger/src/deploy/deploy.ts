import { SluiceError } from "../error.ts";
import { given } from "../given.ts";
import { refuseLocked } from "../promote/channel-lock.ts";
import type { Release } from "../release.ts";
import { carryOut, type Ended } from "./carry-out.ts";
import { notesOf } from "../announce/notes.ts";
import { waitMs } from "../promote/wait.ts";
import { planned } from "./planned.ts";
import { deployContext } from "./context.ts";
import { deployerFor } from "./deployers.ts";
import type { DeploymentWanted } from "./deployer.ts";
import { type Deployment, filesOf, finish } from "./finish.ts";
import { placeOf, type Place, type PlaceWanted, type PlatformKind } from "./place.ts";
import { before } from "./rollback-choice.ts";
import type { DeploymentRun } from "./run.ts";
import { readTarget, type TargetState } from "./target-state.ts";
import { unchanged } from "./unchanged.ts";
import { urlOf } from "./url.ts";
import { chosen } from "./wanted.ts";

/** What to deploy where. */
export interface DeploymentAsked extends PlaceWanted {
  /** Commit, or the git tag it was promoted as. */
  to?: string | undefined;
  reason?: string | undefined;
  /** A person chose it: it may be something that the channel held before. */
  replay: boolean;
  /** Says what would be done, and does nothing. */
  dryRun: boolean;
  /** What operators add to what people are told, by heading. */
  notes: Readonly<Record<string, string>>;
  /** How long to wait for another run; milliseconds. */
  waitMs: number;
}

/** What an operator asked for, out of a function's arguments. */
export function deploymentAsked(
  kind: PlatformKind,
  args: {
    target: string | undefined;
    slot?: number | undefined;
    to: string | undefined;
    dryRun: boolean | undefined;
    reason: string | undefined;
    note: string | undefined;
    wait: string | undefined;
    replay?: boolean | undefined;
  },
): DeploymentAsked {
  const { dryRun = false, replay = false, note, wait, ...where } = given(args);
  return { ...where, kind, dryRun, replay, notes: notesOf(note), waitMs: waitMs(wait) };
}

/**
 * Deploys what a target's channel holds, by its digests.
 *
 * @throws SluiceError `DEPLOYMENT_FAILED` when it did not succeed, and what became of it
 */
export function deploy(
  release: Release,
  asked: DeploymentAsked,
  onProgress: (line: string) => void,
): Promise<Deployment> {
  return run(release, asked, onProgress, (place, state) => chosen(release, place, state, asked));
}

/**
 * Takes a target back to something that ran there before, by the digests that the ledger has of it.
 *
 * @throws SluiceError `DEPLOYMENT_UNKNOWN` when it never ran there, `DEPLOYMENT_FAILED`
 */
export function rollBackTarget(
  release: Release,
  asked: DeploymentAsked,
  onProgress: (line: string) => void,
): Promise<Deployment> {
  return run(release, asked, onProgress, (place, state) => before(release, place, state, asked.to));
}

type Choose = (place: Place, state: TargetState) => Promise<DeploymentWanted>;

async function run(
  release: Release,
  asked: DeploymentAsked,
  onProgress: (line: string) => void,
  choose: Choose,
): Promise<Deployment> {
  const { waitMs } = asked;
  const { prepared, state: found } = await prepare(release, asked, onProgress, choose);
  if (asked.dryRun) return planned(prepared);
  const already = await unchanged(prepared, found);
  if (already) return { data: already, directory: filesOf(prepared, already) };
  await refuseLocked(release, prepared.place.channel.name, waitMs);
  await prepared.deployer(new AbortController().signal).plan(prepared.wanted);
  const check = async (state: TargetState) => {
    const now = await choose(prepared.place, state);
    if (now.commit === prepared.wanted.commit) return;
    const { name } = prepared.place.channel;
    throw new SluiceError(
      "DEPLOY_OVERTAKEN",
      `${name} holds ${now.commit.slice(0, 12)} by now, expected ${prepared.wanted.commit.slice(0, 12)}`,
      { hint: "run it again" },
    );
  };
  const ended: Ended = await carryOut(prepared, { waitMs, check });
  return finish(prepared, ended);
}

/** Everything that a deployment needs, looked up before anything changes. */
async function prepare(
  release: Release,
  asked: DeploymentAsked,
  onProgress: (line: string) => void,
  choose: Choose,
): Promise<{ prepared: DeploymentRun; state: TargetState }> {
  const place = placeOf(release.pipeline, asked);
  const state = await readTarget(release.ledger, place.stream);
  const wanted = await choose(place, state);
  const kept: DeploymentRun["kept"] = new Map();
  const context = await deployContext(release, place, {
    ...{ commit: wanted.commit, kept, onProgress },
  });
  const { settings } = context;
  const url = await urlOf(place, settings);
  await demandSettings(place, settings);
  const prepared: DeploymentRun = {
    ...{ release, place, context, wanted, url, kept },
    ...{ notes: asked.notes, reason: asked.reason },
    deployer: (signal) => deployerFor({ ...context, signal }),
    onProgress: (line) => onProgress(context.scrub(line)),
  };
  return { prepared, state };
}

async function demandSettings(
  { target }: Place,
  settings: DeploymentRun["context"]["settings"],
): Promise<void> {
  const names = [...target.settings, ...target.steps.flatMap((step) => step.settings)];
  const missing = await settings.missing(names);
  if (missing.length === 0) return;
  throw new SluiceError(
    "SETTING_MISSING",
    `${target.name} needs values that are missing or empty: ${missing.join(", ")}`,
    { hint: "give them with --settings-file, or with-setting, as the environment has them" },
  );
}
