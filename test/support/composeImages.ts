import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll } from "vitest";
import type { DeployedImage } from "../../.dagger/src/deploy/deployer.ts";
import { composeEnvironment } from "./composePlugin.ts";
import { busyboxImage, docker } from "./dockerStage.ts";
import { startRegistry, type RegistryProcess } from "./registryProcess.ts";

const run = promisify(execFile);

/** How an image behaves: it answers on port 8080, or it doesn't. */
export type Behaviour = "good" | "broken" | "flapping";

/** Images in a registry of this machine, that run in a moment and say whether they are healthy. */
export interface ComposeImages {
  /** `127.0.0.1:<port>/acme` */
  address: string;
  /** Another version of a service; its files are the same but for the version. */
  image(service: string, version: string, behaviour?: Behaviour): Promise<DeployedImage>;
}

const HEALTHY = "/bin/wget -q -O /dev/null http://127.0.0.1:8080/healthz";
const checks: Readonly<Record<Behaviour, string>> = {
  good: HEALTHY,
  broken: HEALTHY,
  // Well for eight seconds, and then no more.
  flapping: `n=$(cat /tmp/n); echo $((n + 1)) >/tmp/n; [ \${n:-0} -lt 4 ]`,
};
// The first process of a container ignores TERM unless it says otherwise.
const SERVE = `trap "exit 0" TERM; httpd -f -p 8080 -h /srv & wait`;
const commands: Readonly<Record<Behaviour, string>> = {
  good: `mkdir -p /srv; echo ok >/srv/healthz; echo "backend $VERSION"; ${SERVE}`,
  broken: `mkdir -p /srv; echo "the database refuses the password"; ${SERVE}`,
  flapping: `mkdir -p /srv; ${SERVE}`,
};

/** A registry for all tests of a file; with `signIn` it wants user `sluice`, password `open-sesame`. */
export function composeImages(options: { signIn?: boolean } = {}): ComposeImages {
  let registry: RegistryProcess;
  let base = "";
  let config = "";
  const made: string[] = [];
  const host = () => registry.host;
  // Compose may have to be built first.
  beforeAll(composeEnvironment, 900_000);
  beforeAll(async () => {
    registry = await startRegistry(options);
    base = await busyboxImage();
    config = await mkdtemp(join(tmpdir(), "sluice-docker-"));
    const auth = Buffer.from("sluice:open-sesame").toString("base64");
    await writeFile(
      join(config, "config.json"),
      JSON.stringify(options.signIn ? { auths: { [host()]: { auth } } } : {}),
    );
  });
  afterAll(async () => {
    // What a test left running is another test's complaint.
    for (const image of [...made, base])
      await docker("rmi", "--force", image).catch(() => undefined);
    await registry.stop();
    await rm(config, { recursive: true });
  });
  return {
    get address() {
      return `${host()}/acme`;
    },
    async image(service, version, behaviour = "good") {
      const container = await docker("create", base, "/bin/true");
      const tag = `${host()}/acme/${service}:${version}`;
      const check = `HEALTHCHECK --interval=${behaviour === "flapping" ? 2 : 1}s --timeout=10s --retries=${behaviour === "flapping" ? 1 : 3} CMD ["/bin/sh", "-c", ${JSON.stringify(checks[behaviour])}]`;
      const changes = [
        `ENV VERSION=${version}`,
        `CMD ["/bin/sh", "-c", ${JSON.stringify(commands[behaviour])}]`,
        check,
      ];
      const id = await docker(
        ...["commit", ...changes.flatMap((change) => ["--change", change]), container, tag],
      );
      await docker("rm", container);
      const { stdout } = await run("docker", ["--config", config, "push", tag]);
      const [digest = ""] = /sha256:[0-9a-f]{64}/.exec(stdout) ?? [];
      // It has to come from the registry.
      await docker("rmi", "--force", "--no-prune", id);
      const ref = `${host()}/acme/${service}@${digest}`;
      made.push(ref);
      return { service, digest, ref };
    },
  };
}
