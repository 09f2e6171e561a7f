import { SluiceError } from "../../error.ts";
import { shortDigest } from "../../registry/digest.ts";
import type { DeploymentDone } from "../deployer.ts";
import { accessFailure, errorIn, isTransient, reasonIn } from "./failure.ts";
import type { Ran } from "./flyctl.ts";
import { leasedError, leaseIn } from "./leases.ts";
import type { Clock } from "../../verify/clock.ts";
import { newestRelease } from "./releases.ts";
import type { FlySession } from "./session.ts";
import { settled } from "./settle.ts";
import { describe, isGood, remarks, type Verdict } from "./verdict.ts";

/** A deployment that flyctl has come to the end of, one way or another. */
export interface Attempt {
  digest: string;
  /** Version of the newest release before it. */
  versionBefore: number;
  ran: Ran;
  regions: readonly string[];
  waitTimeoutMs: number;
  signal: AbortSignal;
}

const HEALTH =
  /health ?checks?\b|smoke checks? .*fail|never reached the state|did not pass|unhealthy/i;
const RELEASE_COMMAND = /release[_ ]command.*fail|error .*release_command|fail.*release_command/i;
const IMAGE = /failed to fetch an image|could not find image|failed to get manifest/i;
const LEASE = /lease (?:currently )?held|failed to (?:get|acquire) lease/i;

/**
 * What has come of a deployment. What the machines run counts, and not flyctl's exit code alone:
 * a release may stand that flyctl lost sight of.
 *
 * @throws SluiceError `FLY_IMAGE_NOT_FOUND`, `FLY_LEASED`, `FLY_RELEASE_COMMAND_FAILED`, `FLY_UNHEALTHY`,
 *   `FLY_DIGEST_MISMATCH`, `FLY_UNAUTHORIZED`, `FLY_APP_NOT_FOUND`, `FLY_UNCONFIRMED`,
 *   `FLY_DEPLOY_FAILED`
 */
export async function conclude(
  session: FlySession,
  attempt: Attempt,
  clock: Clock,
): Promise<DeploymentDone> {
  const { ran, digest, regions, signal } = attempt;
  const lostSight = ran.code !== 0 && isTransient(ran.said) && !HEALTH.test(errorIn(ran.said));
  const patienceMs = ran.code === 0 || lostSight ? attempt.waitTimeoutMs : 0;
  const verdict = await known(session.app, attempt, () =>
    settled(session, { digest, regions, patienceMs, signal }, clock),
  );
  const release = await known(session.app, attempt, () =>
    newestRelease(session.flyctl, session.app),
  );
  const accepted = release !== undefined && release.version > attempt.versionBefore;
  // The digest alone would not tell a release of it that began and never reached the machines.
  const reached =
    accepted && verdict.machines.every(({ release: version }) => version === release.version);
  const what = accepted ? `release v${release.version} (${release.id}, ${release.status})` : "";
  if (isGood(verdict) && (ran.code === 0 || reached)) {
    const lost = `flyctl lost sight of it (exit code ${ran.code}: ${reasonIn(ran.said)}), but what runs is as wanted`;
    return {
      release: accepted ? `v${release.version}` : undefined,
      notes: [
        `Fly.io, app ${session.app}: ${what || "no new release"}`,
        ...(ran.code === 0 ? [] : [lost]),
        ...remarks(verdict),
      ],
    };
  }
  throw failure(session, attempt, verdict, what);
}

/** Asks; where that fails, nobody knows what has come of it. */
async function known<T>(app: string, { ran }: Attempt, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    const refused = ran.code === 0 ? undefined : accessFailure(ran.said, app);
    if (refused) throw refused;
    const ended = ran.code === 0 ? "ended well" : `failed (${reasonIn(ran.said)})`;
    throw new SluiceError(
      "FLY_UNCONFIRMED",
      `Fly.io, app ${app}: flyctl deploy ${ended}, and what runs now can't be read`,
      {
        detail: error.reason,
        hint: `look at it with flyctl status --app ${app}; when Fly.io answers again, run this again: what already runs stays as it is`,
        cause: error,
      },
    );
  }
}

function failure(
  { app }: FlySession,
  { ran, digest }: Attempt,
  verdict: Verdict,
  release: string,
): SluiceError {
  const { said, code } = ran;
  const where = `Fly.io, app ${app}`;
  const seen = [release, describe(verdict.machines)].filter((text) => text !== "").join("\n");
  const error = (code: string, reason: string, hint: string, detail = seen) =>
    new SluiceError(code, `${where}: ${reason}`, { detail, hint });
  const inLogs = "see fly/deploy.log and fly/app.log of this deployment";
  const ended = errorIn(said);
  if (code !== 0) {
    if (IMAGE.test(ended)) {
      const hint = "let it be copied to Fly.io's registry first: mirror: true in the fly section";
      return error("FLY_IMAGE_NOT_FOUND", `Fly.io can't pull the image: ${reasonIn(said)}`, hint);
    }
    const refused = accessFailure(said, app);
    if (refused) return refused;
    if (LEASE.test(ended)) {
      return leasedError(app, leaseIn(said), "it was not changed further");
    }
    if (RELEASE_COMMAND.test(ended)) {
      const reason = `the release command failed, no machine was changed: ${reasonIn(said)}`;
      const hint = `correct what the release command met, then deploy again; ${inLogs}`;
      return error("FLY_RELEASE_COMMAND_FAILED", reason, hint, `${lastLines(said)}\n${seen}`);
    }
  }
  if (verdict.failing.length > 0 || (code !== 0 && HEALTH.test(ended))) {
    const { length } = verdict.failing;
    const reason =
      length > 0
        ? `${length} of ${verdict.machines.length} machines did not become healthy with ${shortDigest(digest)}`
        : `machines did not become healthy with ${shortDigest(digest)}: ${reasonIn(said)}`;
    return error("FLY_UNHEALTHY", reason, `find out why the checks don't pass: ${inLogs}`);
  }
  if (code === 0) {
    const { length } = verdict.others;
    const runs =
      verdict.machines.length === 0
        ? "there is no machine"
        : `${length} of ${verdict.machines.length} machines run something else`;
    return error(
      "FLY_DIGEST_MISMATCH",
      `flyctl ended well, but expected every machine to run ${shortDigest(digest)}, and ${runs}`,
      "look whether somebody else deploys to this app, then run this again",
    );
  }
  const reason = `flyctl deploy ended with exit code ${code}: ${reasonIn(said)}`;
  return error("FLY_DEPLOY_FAILED", reason, inLogs, `${lastLines(said)}\n${seen}`);
}

function lastLines(text: string): string {
  return text.trimEnd().split("\n").slice(-20).join("\n");
}
