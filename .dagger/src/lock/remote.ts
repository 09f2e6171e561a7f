import { SluiceError } from "../error.ts";
import { isRefName, type RemoteRefs } from "../git/refs.ts";
import type { PushOutcome } from "../git/push.ts";
import type { LockBody } from "./body.ts";
import { lockState, type LockState } from "./state.ts";

/** How often a ref is tried that others are at. */
export const ATTEMPTS = 20;
const CONTENDED = "another push is at it all the time";
const CONTENDED_HINT = "look for a .lock file that a crashed process left in the remote repository";

/**
 * Where locks live: refs of the git remote under `refs/sluice/locks/`. A ref is created by one of
 * several contenders only, on any git server.
 */
export class LockRemote {
  constructor(private readonly refs: RemoteRefs) {}

  /** For messages. */
  get url(): string {
    return this.refs.remote.url;
  }

  /** Object of the lock's ref right now; undefined while nobody has it. Throws `LOCK_UNAVAILABLE`. */
  async object(name: string): Promise<string | undefined> {
    const ref = refOf(name);
    return this.#available(name, async () => (await this.refs.read(ref)).get(ref));
  }

  /** The lock as it is right now; undefined while nobody has it. Throws `LOCK_UNAVAILABLE`. */
  async state(name: string, now: number): Promise<LockState | undefined> {
    const found = await this.#available(name, () => this.refs.commitAt(refOf(name)));
    return found && lockState(name, found, now);
  }

  /** Writes what a lock is to say; answers the object to create its ref with. */
  async write(name: string, body: LockBody): Promise<string> {
    return this.#available(name, async () => {
      const tree = await this.refs.write("tree", "");
      const at = `Sluice <sluice@localhost> ${Math.floor(Date.parse(body.since) / 1000)} +0000`;
      const lines = [`tree ${tree}`, `author ${at}`, `committer ${at}`, "", JSON.stringify(body)];
      return this.refs.write("commit", `${lines.join("\n")}\n`);
    });
  }

  /** Takes the lock, if nobody has it. */
  create(name: string, object: string): Promise<PushOutcome> {
    return this.refs.tryPush([{ ref: refOf(name), from: undefined, to: object }]);
  }

  /** Lets go of the lock, if it is still this one. `moved` means that it isn't. */
  async remove(name: string, object: string): Promise<PushOutcome> {
    const ref = refOf(name);
    for (let attempt = 1; ; attempt++) {
      const pushed = await this.refs.tryPush([{ ref, from: object, to: undefined }]);
      // Another push was at the same ref, and left it as it was.
      const contended = pushed.outcome === "moved" && pushed.held.get(ref) === object;
      if (!contended) return pushed;
      if (attempt === ATTEMPTS) return { outcome: "refused", why: CONTENDED, hint: CONTENDED_HINT };
    }
  }

  async #available<T>(name: string, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      throw unavailable(name, error);
    }
  }
}

function refOf(name: string): string {
  const ref = `refs/sluice/locks/${name}`;
  if (isRefName(ref)) return ref;
  throw new SluiceError(
    "LOCK_INVALID",
    `${JSON.stringify(name.slice(0, 200))} can't be the name of a lock`,
    { hint: "take a name such as prod" },
  );
}

/** Others are at the lock's ref all the time, and none of them gets it. */
export function alwaysContended(name: string): SluiceError {
  return unavailable(name, new SluiceError("REF_MOVED", CONTENDED, { hint: CONTENDED_HINT }));
}

/** The remote can't be asked for the lock, so nothing may go on. */
export function unavailable(name: string, cause: unknown): SluiceError {
  if (cause instanceof SluiceError && cause.code.startsWith("LOCK_")) return cause;
  const { reason, hint } =
    cause instanceof SluiceError
      ? cause
      : { reason: cause instanceof Error ? cause.message : String(cause), hint: undefined };
  return new SluiceError(
    "LOCK_UNAVAILABLE",
    `lock ${name} can't be asked for, so nothing is done: ${reason}`,
    { cause, hint: hint ?? "see that the git remote answers, and run the command again" },
  );
}
