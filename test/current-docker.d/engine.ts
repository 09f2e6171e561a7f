/**
 * Prints what the engine that DOCKER_HOST names is, as JSON; says so and exits 3 when none answers,
 * or another than was asked for.
 *
 *     engine.ts docker|podman
 */
import { z } from "zod";
import { SluiceError } from "../../dagger/core/error.ts";
import { discover, surroundings } from "../../dagger/docker/discovery/discover.ts";

const OLDEST_API = [1, 48] as const;
const versions = z.object({
  Version: z.string(),
  ApiVersion: z.string(),
  Components: z.array(z.object({ Name: z.string(), Version: z.string() })).nullish(),
});

const [kind = "docker"] = process.argv.slice(2);
try {
  const { daemon, name } = await discover(surroundings());
  const { Version, ApiVersion, Components } = await daemon.json(versions, "GET", "/version");
  daemon.destroy();
  const component = (wanted: RegExp) =>
    Components?.find((one) => wanted.test(one.Name))?.Version.replace(/^.* version /s, "");
  const isPodman = component(/podman/i) !== undefined;
  if (isPodman !== (kind === "podman")) {
    refuse(
      `${name} is ${isPodman ? "Podman" : "Docker"}`,
      isPodman ? "add --podman, or let DOCKER_HOST name Docker" : "let DOCKER_HOST name Podman",
    );
  } else if (!isPodman && !isCurrent(ApiVersion)) {
    refuse(
      `${name} is Docker ${Version} of API ${ApiVersion}, expected ${OLDEST_API.join(".")} or newer`,
      "set DOCKER_HOST to the socket of a newer one",
    );
  } else {
    console.error(`${name}: ${Version}, API ${ApiVersion}`);
    const found = Components?.find(({ Name }) => /^runc$|^OCI Runtime/.test(Name));
    const program = found && (/\((.+)\)/.exec(found.Name)?.[1] ?? found.Name);
    const runtime = found && `${program} ${component(/^runc$|^OCI Runtime/)?.split("\n", 1)[0]}`;
    const engine = { kind, version: Version, api: ApiVersion };
    console.log(JSON.stringify({ ...engine, containerd: component(/^containerd$/), runtime }));
  }
} catch (error) {
  if (!(error instanceof SluiceError)) throw error;
  refuse(error.message, error.options.hint ?? "set DOCKER_HOST to the socket of a running engine");
}

function isCurrent(api: string): boolean {
  const [major = 0, minor = 0] = api.split(".").map(Number);
  return major > OLDEST_API[0] || (major === OLDEST_API[0] && minor >= OLDEST_API[1]);
}

function refuse(why: string, next: string): void {
  console.error(`✗ ${why}\n  next: ${next}`);
  process.exitCode = 3;
}
