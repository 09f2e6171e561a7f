import { randomUUID } from "node:crypto";
import { onTestFinished } from "vitest";
import { once } from "../../.dagger/src/once.ts";
import { docker } from "./dockerStage.ts";

/** Where a stand-in for a cloud lets what is deployed to it really run. */
export interface CloudRunner {
  /**
   * Starts an image under a name, in the place of what ran there before.
   *
   * @param image with its digest
   * @param port that it listens on
   */
  run(
    name: string,
    image: string,
    port: number,
    env?: Readonly<Record<string, string>>,
  ): Promise<{ url: string }>;
  /** Ends it; nothing to do where nothing runs. */
  stop(name: string): Promise<void>;
  /** What it wrote; empty where nothing runs. */
  logs(name: string): Promise<string>;
}

/**
 * Runs images with this machine's Docker, which pulls them itself, each under a port of loopback.
 * Whatever still runs at the end of the test goes with it.
 */
export function dockerRunner(): CloudRunner {
  const ids = new Map<string, string>();
  // Not Docker's own network: its address changes with what comes and goes, and containers of the
  // engine, which are on it, would talk into the void for a while.
  const network = `sluice-cloud-${randomUUID()}`;
  const networked = once(() => docker("network", "create", network));
  const stop = async (name: string): Promise<void> => {
    const id = ids.get(name);
    ids.delete(name);
    if (id !== undefined) await docker("rm", "--force", "--volumes", id);
  };
  onTestFinished(async () => {
    await Promise.all([...ids.keys()].map(stop));
    await networked();
    await docker("network", "rm", network);
  });
  return {
    async run(name, image, port, env = {}) {
      await stop(name);
      await networked();
      // Named beforehand: a container that is created, and doesn't start, is found all the same.
      const id = `sluice-cloud-${randomUUID()}`;
      ids.set(name, id);
      await docker(
        ...["run", "--detach", "--name", id, "--label", "dev.sluice.test=cloud"],
        ...["--network", network],
        ...["--publish", `127.0.0.1::${port}`],
        ...Object.entries(env).flatMap(([key, value]) => ["--env", `${key}=${value}`]),
        ...["--", image],
      );
      return { url: `http://${await docker("port", id, `${port}/tcp`)}` };
    },
    stop,
    async logs(name) {
      const id = ids.get(name);
      return id === undefined ? "" : docker("logs", id);
    },
  };
}
