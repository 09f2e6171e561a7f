import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { coreTypes } from "../api/types.ts";
import { ContentStore } from "../content/store.ts";
import { DiskCache } from "../core/cache.ts";
import type { Caller } from "../core/caller.ts";
import { SluiceError } from "../core/error.ts";
import { newSessionId, Session } from "../core/session.ts";
import { addModuleTypes } from "../modules/api/types.ts";
import { loadSchema } from "../schema/load.ts";
import { busyboxOf } from "./busybox.ts";
import type { Api } from "./executor.ts";
import { SessionServer } from "./server.ts";
import { stateDirectory } from "./state-dir.ts";

export interface OpenOptions {
  /** Where relative host paths of the main client start from. */
  cwd: string;
  /** Default: {@link stateDirectory}. */
  stateDir?: string;
  /** Port on 127.0.0.1; by default a free one. */
  port?: number;
}

/** A session that is ready to be asked. */
export interface OpenSession {
  session: Session;
  api: Api;
  server: SessionServer;
  /** The client on whose behalf the launcher asks. */
  caller: Caller;
  /** Ends the session, waiting for what still runs in the background; `abort` stops that at once. */
  close(options?: { abort?: boolean }): Promise<void>;
}

/**
 * Opens a session of the embedded engine: state on disk, the API, and its server. Docker is
 * connected to when the first container is needed. Throws `STATE_UNUSABLE`, `PORT_IN_USE`.
 */
export async function openSession(options: OpenOptions): Promise<OpenSession> {
  const stateDir = options.stateDir ?? stateDirectory();
  const { store, cache } = await openState(stateDir);
  const id = newSessionId();
  const session: Session = new Session({
    id,
    store,
    cache,
    stateDir,
    runtime: async () => {
      // Only sessions that run containers pay for loading the Docker client.
      const [{ connectRuntime }, { standIn }] = await Promise.all([
        import("../docker/connect.ts"),
        import("../standins/stand-in.ts"),
      ]);
      const runtime = await connectRuntime({
        store,
        stateDir,
        sessionId: id,
        signal: session.signal,
        progress: (line) => session.progress.log(line),
        scrub: (text) => session.scrubber.scrub(text),
        lastUsed: () => imageUses(cache),
        toolbox: (platform) => busyboxOf(runtime, store, platform),
        standIn: (ref, platform, daemon) =>
          standIn(ref, platform, {
            daemon,
            stateDir,
            progress: (line) => session.progress.log(line),
            signal: session.signal,
          }),
      });
      return runtime;
    },
  });
  const api: Api = { schema: loadSchema(), types: addModuleTypes(coreTypes()) };
  const server = await SessionServer.start(session, api, options.port);
  return {
    session,
    api,
    server,
    caller: { id: "main", cwd: options.cwd },
    close: async ({ abort = false } = {}) => {
      await (abort ? session.abort() : session.close());
      await server.close();
    },
  };
}

const imageRecord = z.object({ image: z.string() });

/** When each image that a result is kept as was last used. */
async function imageUses(cache: DiskCache): Promise<Map<string, number>> {
  const uses = new Map<string, number>();
  for (const { value, usedAt } of await cache.all(imageRecord))
    uses.set(value.image, Math.max(usedAt, uses.get(value.image) ?? 0));
  return uses;
}

async function openState(dir: string): Promise<{ store: ContentStore; cache: DiskCache }> {
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const [store, cache] = await Promise.all([
      ContentStore.open(join(dir, "blobs")),
      DiskCache.open(join(dir, "cache")),
    ]);
    return { store, cache };
  } catch (cause) {
    if (cause instanceof SluiceError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SluiceError(
      "STATE_UNUSABLE",
      `the engine's state directory can't be used: ${reason}`,
      {
        cause,
        hint: "Set SLUICE_HOME to a directory that you may write to.",
      },
    );
  }
}
