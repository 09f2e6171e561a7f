import { SluiceError } from "../../error.ts";
import { once } from "../../once.ts";
import { shortDigest } from "../../registry/digest.ts";
import { commandLine } from "../command-line.ts";
import type { DeployedImage, Deployer, DeploymentDone, DeploymentWanted } from "../deployer.ts";
import { releaseEnv } from "../release-env.ts";
import { releasedConfig, sameConfig } from "./app-config.ts";
import { deployArguments } from "./command.ts";
import { conclude } from "./conclude.ts";
import { leasedError, leasesOn } from "./leases.ts";
import { lastLogs } from "./logs.ts";
import { canMirror, imageSource, mirrorImage } from "./mirror.ts";
import { type Clock, systemClock } from "../../verify/clock.ts";
import { type FlyContext, type FlySession, type FlyState, openSession } from "./session.ts";
import { describe, isGood, remarks, verdictOn } from "./verdict.ts";

/**
 * Deploys to an app on Fly.io with the official flyctl, by digest and without building anything.
 *
 * @param clock default: the machine's clock
 */
export function flyDeployer(context: FlyContext, clock: Clock = systemClock): Deployer {
  const open = once(() => openSession(context, clock));
  return {
    plan: async (wanted) => plan(context, await open(), wanted),
    deploy: async (wanted) => deploy(context, await open(), wanted, clock),
    running: async () => running(context, await open()),
    async logs() {
      const { flyctl, app } = await open();
      return lastLogs(flyctl, app, clock);
    },
  };
}

async function plan(
  context: FlyContext,
  session: FlySession,
  wanted: DeploymentWanted,
): Promise<string[]> {
  const { platform } = context.target;
  const { app } = session;
  const image = wantedImage(context, wanted);
  const [state, source] = await Promise.all([session.look(), imageSource(context, app, image)]);
  if (source.mirrored) await canMirror(context, image);
  const { machines } = verdictOn(state.machines, image.digest, platform.regions);
  const now = `app ${app} is at release v${state.version}, with ${machines.length} machines`;
  if (await isThere(context, session, state, wanted)) {
    return [now, `unchanged: all machines run ${image.digest}`];
  }
  const held = await leasesOn(session.flyctl, app, machines);
  if (held.length > 0) throw leasedError(app, held, "a deployment could not begin");
  return [
    now,
    ...(source.mirrored ? [`copy ${image.ref} to ${source.ref}, by digest`] : []),
    commandLine(["flyctl", ...argumentsFor(context, session, wanted, source.ref)]),
  ];
}

async function deploy(
  context: FlyContext,
  session: FlySession,
  wanted: DeploymentWanted,
  clock: Clock,
): Promise<DeploymentDone> {
  const { signal, target } = context;
  const { regions, waitTimeoutMs } = target.platform;
  const { app, flyctl, token } = session;
  const image = wantedImage(context, wanted);
  const { digest } = image;
  const before = await session.look();
  if (await isThere(context, session, before, wanted)) {
    const verdict = verdictOn(before.machines, digest, regions);
    const release = `v${before.version}`;
    const note = `Fly.io, app ${app}: unchanged, release ${release} already runs ${shortDigest(digest)}`;
    return { release, notes: [note, ...remarks(verdict)] };
  }
  const held = await leasesOn(flyctl, app, before.machines);
  if (held.length > 0) throw leasedError(app, held, "nothing was changed");
  const source = await imageSource(context, app, image);
  if (source.mirrored) await mirrorImage(context, { app, token }, image);
  // From here on it is brought to an end, whoever asks to stop.
  signal.throwIfAborted();
  const args = argumentsFor(context, session, wanted, source.ref);
  context.onProgress(commandLine(["flyctl", ...args]));
  const ran = await flyctl.run(args);
  context.keep(
    "fly/deploy.log",
    `$ ${commandLine(["flyctl", ...args])}\n${ran.said.trimEnd()}\nexit code ${ran.code}\n`,
  );
  const attempt = { digest, ran, regions, waitTimeoutMs, signal, versionBefore: before.version };
  try {
    return await conclude(session, attempt, clock);
  } catch (error) {
    context.keep("fly/app.log", await lastLogs(flyctl, app, clock));
    throw error;
  }
}

function argumentsFor(
  { target }: FlyContext,
  { app, config }: FlySession,
  wanted: DeploymentWanted,
  image: string,
): string[] {
  const env = releaseEnv(wanted, target.environment);
  const command = { app, image, env, kind: wanted.kind, config: config?.path };
  return deployArguments(command, target.platform);
}

/**
 * Whether a deployment would change nothing: the same digest, with the same configuration, and the
 * newest release is what the machines have, and not one that never reached them.
 */
async function isThere(
  context: FlyContext,
  { app, flyctl, config }: FlySession,
  { machines, version }: FlyState,
  wanted: DeploymentWanted,
): Promise<boolean> {
  const { platform, environment } = context.target;
  const { digest } = wantedImage(context, wanted);
  const verdict = verdictOn(machines, digest, platform.regions);
  const newest = verdict.machines.every(({ release }) => release === version);
  if (!isGood(verdict) || !newest) return false;
  const released = await releasedConfig(flyctl, app);
  const asked = { ...platform, env: releaseEnv(wanted, environment) };
  return released !== undefined && sameConfig(asked, config?.content, released);
}

function wantedImage({ target, place }: FlyContext, { images, commit }: DeploymentWanted) {
  const { service } = target.platform;
  const found: DeployedImage | undefined = images.find((one) => one.service === service);
  if (found) return found;
  throw new SluiceError(
    "FLY_IMAGE_MISSING",
    `${place}: commit ${commit.slice(0, 12)} has no image of service ${service}`,
    { hint: "publish that service for the commit, or name another service in the target" },
  );
}

/** Where machines differ, what the oldest release of them runs: a deployment that isn't complete is not there. */
async function running(
  context: FlyContext,
  session: FlySession,
): Promise<Record<string, string> | undefined> {
  const { machines } = await session.look();
  const started = machines.filter(({ state }) => state === "started");
  const [oldest, ...newer] = (started.length > 0 ? started : machines)
    .flatMap(({ digest, release = 0 }) => (digest === undefined ? [] : [{ digest, release }]))
    .toSorted((one, other) => one.release - other.release);
  if (!oldest) return undefined;
  if (newer.some(({ digest }) => digest !== oldest.digest)) {
    context.onProgress(`machines of app ${session.app} differ:\n${describe(machines)}`);
  }
  return { [context.target.platform.service]: oldest.digest };
}
