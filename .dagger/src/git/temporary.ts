import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder that is only there for this process. */
export interface TemporaryFolder {
  path: string;
  remove(): Promise<void>;
}

/**
 * Makes a folder that nobody else can look into. A process beside this one removes it as soon as
 * its standard input ends: also when this one is killed, which no handler of ours would live to see.
 *
 * @param use what is in it, for its name
 */
export async function temporaryFolder(use = "git"): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), `sluice-${use}-`));
  const remover = spawn("sh", ["-c", 'cat > /dev/null; rm -rf -- "$1"', "sh", path], {
    stdio: ["pipe", "ignore", "ignore"],
    // An interrupt from the keyboard is not for it.
    detached: true,
  });
  const gone = once(remover, "close");
  gone.catch(() => undefined);
  remover.stdin.on("error", () => undefined);
  remover.unref();
  return {
    path,
    remove: async () => {
      remover.ref();
      remover.stdin.end();
      await gone;
    },
  };
}
