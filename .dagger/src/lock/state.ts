import { parseLockBody } from "./body.ts";

/** A lock as it was found. */
export interface LockState {
  name: string;
  /** Object that the ref holds. */
  object: string;
  /** Unique to this taking of the lock; what breaking it asks for. */
  claim: string;
  holder: string;
  reason: string;
  /** ISO 8601; undefined when it doesn't say. */
  since: string | undefined;
  command: string;
  kind: "run" | "manual";
  host: string | undefined;
  /** Milliseconds since it was taken, by this machine's clock; 0 if that lies ahead. */
  ageMs: number | undefined;
  /** True when something else wrote it, so that there is nothing to tell but that it is there. */
  foreign: boolean;
}

/** After this time people are told that a lock may be left over. */
const STALE_MS = 3_600_000;

/** What a ref under `refs/sluice/locks/` says. A message that can't be read is somebody else's. */
export function lockState(
  name: string,
  { commit, message }: { commit: string; message: string },
  now: number,
): LockState {
  const body = parseLockBody(message);
  if (body === undefined) {
    return {
      name,
      object: commit,
      claim: commit,
      holder: "unknown",
      reason: JSON.stringify(message.trim().split("\n", 1)[0]?.slice(0, 100) ?? ""),
      since: undefined,
      command: "unknown",
      kind: "run",
      host: undefined,
      ageMs: undefined,
      foreign: true,
    };
  }
  const since = Date.parse(body.since);
  const ageMs = Number.isNaN(since) ? undefined : Math.max(0, now - since);
  const { claim, holder, reason, command, kind, host } = body;
  return {
    name,
    object: commit,
    claim,
    holder,
    reason,
    since: ageMs === undefined ? undefined : new Date(since).toISOString(),
    command,
    kind,
    host,
    ageMs,
    foreign: false,
  };
}

/** `ann since 2026-01-31T10:00:00.000Z (sluice promote): release 1.2.3`, on one line. */
export function describeLock(lock: LockState): string {
  if (lock.foreign) return `something that Sluice didn't write: ${lock.reason}`;
  const on = lock.host === undefined ? "" : ` on ${lock.host}`;
  const since = lock.since === undefined ? "" : ` since ${lock.since}`;
  const stale = (lock.ageMs ?? 0) > STALE_MS ? `, for ${age(lock.ageMs ?? 0)}: stale?` : "";
  return oneLine(`${lock.holder}${on}${since} (${lock.command}${stale}): ${lock.reason}`);
}

/** `3 h`, `2 days` */
function age(ms: number): string {
  const hours = Math.floor(ms / 3_600_000);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`;
}

function oneLine(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
}
