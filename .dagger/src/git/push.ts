import { complaint, isSignInFailure, remoteFailure } from "./failure.ts";
import type { Git, GitResult } from "./git.ts";
import { listRefs, type RefListing } from "./listing.ts";
import type { Remote } from "./remote.ts";
import { SluiceError } from "../error.ts";

/** One ref's change: it happens only if the ref still holds `from`. */
export interface RefUpdate {
  /** Full name: `refs/heads/production`. */
  ref: string;
  /** Object that it holds; undefined when there is no such ref. */
  from: string | undefined;
  /** Object that it is to hold; undefined to remove it. */
  to: string | undefined;
}

/** What became of a push. Only after `done` has anything changed. */
export type PushOutcome =
  | { outcome: "done" }
  /** Somebody else was faster, or is at it right now. */
  | { outcome: "moved"; held: RefListing }
  /** The server said no, in these words. */
  | { outcome: "refused"; why: string; hint: string }
  /** The server was not reached, or was lost before it did anything. */
  | { outcome: "unreachable"; error: SluiceError };

// What servers say when another push is at the same ref.
const CONTENDED =
  /stale info|failed to (?:update ref|lock)|(?:cannot|unable to|couldn't) (?:lock|create)|reference already exists|but expected|incorrect old value/i;

/**
 * Changes refs as compare-and-swap, all or none. When the reply is lost, the remote is asked what
 * became of it.
 */
export async function pushUpdates(
  git: Git,
  remote: Remote,
  updates: readonly RefUpdate[],
): Promise<PushOutcome> {
  const result = await git.run([
    "push",
    "--porcelain",
    "--no-verify",
    // One ref is atomic by itself; not all servers can do more.
    ...(updates.length > 1 ? ["--atomic"] : []),
    ...updates.map(({ ref, from = "" }) => `--force-with-lease=${ref}:${from}`),
    "--",
    remote.url,
    ...updates.map(({ ref, to = "" }) => `${to}:${ref}`),
  ]);
  if (result.code === 0) return { outcome: "done" };
  if (/does not support --atomic/.test(result.stderr)) return notAtomic(remote);
  let held: RefListing;
  try {
    held = await listRefs(
      git,
      remote,
      updates.map(({ ref }) => ref),
    );
  } catch (error) {
    if (error instanceof SluiceError) return { outcome: "unreachable", error };
    throw error;
  }
  if (updates.every(({ ref, to }) => held.get(ref) === to)) return { outcome: "done" };
  const moved = updates.some(({ ref, from }) => held.get(ref) !== from);
  if (moved || CONTENDED.test(rejection(result) ?? "")) return { outcome: "moved", held };
  return refusal(remote, result);
}

/** The remote answers, and holds what it held: it refused, or was lost on the way. */
function refusal(remote: Remote, result: GitResult): PushOutcome {
  const why = rejection(result);
  if (why !== undefined) {
    const hint = "ask who looks after the repository's rules, or use a token or key that may";
    return { outcome: "refused", why, hint };
  }
  if (isSignInFailure(result)) {
    const { hint = "" } = remoteFailure(remote, result);
    return { outcome: "refused", why: complaint(result), hint };
  }
  return { outcome: "unreachable", error: remoteFailure(remote, result) };
}

/** Why the server rejected a ref, with what its hook printed. */
function rejection({ stdout, stderr }: GitResult): string | undefined {
  const reasons = [...stdout.matchAll(/^!\t\S+\t\[(?:remote )?rejected\] \((.*)\)$/gm)]
    .map(([, reason = ""]) => reason)
    .filter((reason) => !reason.startsWith("atomic "));
  if (reasons.length === 0) return undefined;
  const said = [...stderr.matchAll(/^remote: (.*\S)/gm)].map(([, line = ""]) => line);
  return [...new Set([...reasons, ...said])].join("; ").slice(0, 500);
}

function notAtomic(remote: Remote): PushOutcome {
  return {
    outcome: "refused",
    why: `${remote.url} can't change several refs at once (no atomic pushes)`,
    hint: "use a git server that can, such as GitHub, GitLab, Gitea, or git itself",
  };
}
