import { randomUUID } from "node:crypto";
import { SluiceError } from "../error.ts";
import { seconds } from "../verify/seconds.ts";
import type { LockBody } from "./body.ts";
import { type LockClock, systemLockClock } from "./clock.ts";
import { HeldLock, momentOf } from "./held.ts";
import { alwaysContended, ATTEMPTS, type LockRemote, unavailable } from "./remote.ts";
import { describeLock, type LockState } from "./state.ts";

/** How a lock is asked for. */
export interface LockRequest {
  /** `prod` */
  name: string;
  /** Who asks, as they call themselves. */
  holder: string;
  reason: string;
  /** What is run under it. */
  command: string;
  /** `manual`: held until a person lets go, and never waited for by others. Default: `run`. */
  kind?: "run" | "manual";
  /** Machine that it is taken on. */
  host?: string;
  /** Milliseconds to wait while another run holds it. Default: 0, fail at once. */
  waitMs?: number;
  /** Told whom it waits for: at once, then every ten seconds, and when somebody else gets it. */
  onProgress?: (line: string) => void;
  /** Ends the wait. */
  signal?: AbortSignal;
  clock?: LockClock;
}

const POLL_MS = 1000;
const TELL_MS = 10_000;

/**
 * Takes a lock, or says who has it.
 *
 * @throws SluiceError `LOCK_HELD`; `LOCK_UNAVAILABLE` when the remote can't be asked or refuses;
 *   `INTERRUPTED` when the signal ended the wait
 */
export async function acquireLock(remote: LockRemote, request: LockRequest): Promise<HeldLock> {
  const { name, clock = systemLockClock } = request;
  const claim = randomUUID();
  const object = await remote.write(name, bodyOf(request, claim, clock));
  const wait = new Wait(remote, request, clock);
  for (let free = 0; free < ATTEMPTS;) {
    request.signal?.throwIfAborted();
    const asked = momentOf(clock);
    const pushed = await remote.create(name, object);
    switch (pushed.outcome) {
      case "done":
        return new HeldLock(remote, clock, name, claim, object, asked);
      case "moved":
        free = (await wait.untilFree()) ? 0 : free + 1;
        break;
      case "refused":
        throw unavailable(
          name,
          new SluiceError("REF_REFUSED", `${remote.url} refuses to create it: ${pushed.why}`, {
            hint: pushed.hint,
          }),
        );
      case "unreachable":
        throw unavailable(name, pushed.error);
    }
  }
  throw alwaysContended(name);
}

function bodyOf(request: LockRequest, claim: string, clock: LockClock): LockBody {
  const { holder, reason, command, kind = "run", host } = request;
  const since = new Date(clock.now()).toISOString();
  return {
    version: 1,
    claim,
    holder: holder.slice(0, 200),
    reason: reason.slice(0, 1000),
    since,
    command: command.slice(0, 1000),
    kind,
    ...(host === undefined ? {} : { host: host.slice(0, 200) }),
  };
}

/** Waits for others to let go. */
class Wait {
  readonly #begun: number;
  #told: { object: string; at: number } | undefined;
  #seen: LockState | undefined;

  constructor(
    private readonly remote: LockRemote,
    private readonly request: LockRequest,
    private readonly clock: LockClock,
  ) {
    this.#begun = clock.monotonic();
  }

  /**
   * Comes back as soon as nobody seems to have the lock, and answers whether anybody had it.
   * Throws `LOCK_HELD`.
   */
  async untilFree(): Promise<boolean> {
    const { name, signal = new AbortController().signal } = this.request;
    for (let waited = false; ; waited = true) {
      const object = await this.remote.object(name);
      if (object === undefined) return waited;
      if (object !== this.#seen?.object) {
        this.#seen = await this.remote.state(name, this.clock.now());
        if (this.#seen === undefined) return true;
      }
      const left = (this.request.waitMs ?? 0) - this.#elapsed();
      if (this.#seen.kind === "manual" || left <= 0) throw lockHeld(this.#seen, this.#elapsed());
      this.#tell(this.#seen);
      // Not all of them at the same moment.
      await this.clock.sleep(Math.min(left, POLL_MS * (0.75 + Math.random() / 2)), signal);
      if (signal.aborted) throw interrupted(this.#seen);
    }
  }

  #elapsed(): number {
    return this.clock.monotonic() - this.#begun;
  }

  #tell(lock: LockState): void {
    const at = this.clock.monotonic();
    if (this.#told?.object === lock.object && at - this.#told.at < TELL_MS) return;
    this.#told = { object: lock.object, at };
    const waited = seconds(this.#elapsed());
    this.request.onProgress?.(
      `waiting for lock ${lock.name}: held by ${describeLock(lock)}, ${waited}`,
    );
  }
}

/** Why a lock that somebody has can't be taken. */
export function lockHeld(lock: LockState, waitedMs = 0): SluiceError {
  const waited = waitedMs < POLL_MS ? "" : ` (waited ${seconds(waitedMs)})`;
  const breaking = `sluice call unlock --channel ${lock.name} --claim ${lock.claim}`;
  return new SluiceError(
    "LOCK_HELD",
    `lock ${lock.name} is held by ${describeLock(lock)}${waited}`,
    {
      hint:
        lock.kind === "manual"
          ? `ask ${lock.holder} to let go; it was taken by hand and is not waited for; or: ${breaking}`
          : `wait for it with --wait 10m; if whoever took it is gone: ${breaking}`,
    },
  );
}

function interrupted(lock: LockState): SluiceError {
  return new SluiceError(
    "INTERRUPTED",
    `interrupted while waiting for lock ${lock.name}, held by ${describeLock(lock)}`,
  );
}
