import type { Duplex } from "node:stream";
import { SluiceError } from "../../core/error.ts";
import { DaemonError } from "../daemon/errors.ts";
import { Retryable, retrying } from "../registry/retry.ts";
import type { ProcessSpec } from "../types.ts";
import type { Workshop } from "../workshop.ts";
import { type StartFailure, startFailureFrom } from "./start-failure.ts";

/** A container with its streams at hand. */
export interface Started {
  /** Output from the very start; input, too, when there is any. */
  stream: Duplex;
  /** Why the command could not be executed, when that is how it went. */
  failure?: StartFailure;
}

/** Attaches, so that not a byte of output is lost, and starts. */
export function startAttached(
  workshop: Workshop,
  id: string,
  { args, stdin }: Pick<ProcessSpec, "args" | "stdin">,
): Promise<Started> {
  const command = args[0] ?? "";
  return retrying(workshop.signal, async () => {
    // A start that fails ends what was attached before it.
    const stream = await attach(workshop, id, stdin !== undefined);
    try {
      return { stream, failure: await startContainer(workshop, id, command) };
    } catch (error) {
      stream.destroy();
      throw error;
    }
  });
}

function attach({ daemon, signal }: Workshop, id: string, stdin: boolean): Promise<Duplex> {
  return daemon.hijack(`/containers/${id}/attach`, {
    query: { stream: true, stdout: true, stderr: true, stdin },
    signal,
  });
}

/** Starts; answers why the command can't be executed when that is the reason for a refusal. */
async function startContainer(
  workshop: Workshop,
  id: string,
  command: string,
): Promise<StartFailure | undefined> {
  try {
    await workshop.daemon.call("POST", `/containers/${id}/start`);
    return undefined;
  } catch (error) {
    if (!(error instanceof DaemonError)) throw error;
    const failure = startFailureFrom(error.reason, command);
    if (failure) return failure;
    if (error.code !== "DOCKER_ERROR") throw error;
    const message = `cannot start ${command}: ${error.reason}`;
    const refused = new SluiceError("EXEC_START_FAILED", message, { cause: error });
    throw isPassing(error.reason) ? new Retryable(refused) : refused;
  }
}

/**
 * True when the daemon did not find its own bridge: it lists the host's network interfaces, and
 * fails when one goes meanwhile, as happens when several containers start and end at once.
 */
const isPassing = (reason: string): boolean => /no such network interface/i.test(reason);
