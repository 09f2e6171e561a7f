import { discover, surroundings } from "../dagger/docker/discovery/discover.ts";
import { SluiceError } from "../dagger/core/error.ts";

/** Says which container runtime Sluice will use; exits 3, saying why, when none answers. */
try {
  const { daemon, name, version } = await discover(surroundings());
  daemon.destroy();
  console.log(`${version.Version} on ${name}`);
} catch (error) {
  if (!(error instanceof SluiceError)) throw error;
  console.error([error.message, error.options.hint].filter(Boolean).join("\n"));
  process.exitCode = 3;
}
