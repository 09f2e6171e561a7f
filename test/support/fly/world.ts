import { z } from "zod";
import { manifestTypes } from "../../../.dagger/src/registry/manifest.ts";
import { apiOrigin, parseRepository } from "../../../.dagger/src/registry/name.ts";
import type { CloudRunner } from "../cloudRunner.ts";
import { HttpError } from "./httpError.ts";
import type { StandInApp, StandInMachine } from "./model.ts";

/** What is around the API: registries, and machines that really run. */
export interface World {
  /** What a machine says of its image; throws when Fly.io could not pull it. */
  imageRef(app: StandInApp, image: string): Promise<StandInMachine["image_ref"]>;
  start(app: StandInApp, machine: StandInMachine): Promise<void>;
  stop(machine: StandInMachine): Promise<void>;
  /** A machine as the API shows it. */
  show(app: StandInApp): (machine: StandInMachine) => Promise<object>;
}

const index = z.object({ manifests: z.array(z.object({ digest: z.string() })).default([]) });

/**
 * @param registry host of Fly.io's registry, where the token counts
 * @param runner lets machines really run; default: they are what the app's behaviour says
 */
export function world(options: {
  registry: string;
  token: string;
  runner?: CloudRunner | undefined;
}): World {
  const { runner } = options;
  return {
    imageRef: (app, image) => imageRef(options, app, image),
    async start(app, machine) {
      if (!runner) return;
      const { services: [service] = [], env, image } = machine.config;
      const { url } = await runner.run(machine.id, image, service?.internal_port ?? 8080, env);
      machine.url = url;
    },
    async stop(machine) {
      await runner?.stop(machine.id);
      machine.url = undefined;
    },
    show: (app) => async (machine) => {
      const checks = await checksOf(app, machine);
      return { ...machine, checks, url: undefined, lease: undefined };
    },
  };
}

async function imageRef(
  { registry, token }: { registry: string; token: string },
  { behaviour }: StandInApp,
  image: string,
): Promise<StandInMachine["image_ref"]> {
  const [name = "", digest = ""] = image.split("@");
  if (!digest.startsWith("sha256:")) throw new HttpError(400, `image ${image} has no digest`);
  const { host, path } = parseRepository(name);
  const ref = { registry: host, repository: path, digest };
  // Images of registries that no test has are there.
  if (!host.startsWith("127.0.0.1:")) return ref;
  const basic = Buffer.from(`x:${token}`).toString("base64");
  const answer = await fetch(`${apiOrigin(host)}/v2/${path}/manifests/${digest}`, {
    headers: {
      accept: manifestTypes.join(", "),
      ...(host === registry ? { authorization: `Basic ${basic}` } : {}),
    },
  });
  if (!answer.ok) throw new HttpError(400, `failed to get manifest ${image}: ${answer.status}`);
  const [platform] = index.parse(await answer.json()).manifests;
  return behaviour.showsPlatform && platform ? { ...ref, digest: platform.digest } : ref;
}

async function checksOf(
  { behaviour }: StandInApp,
  { config, state, url }: StandInMachine,
): Promise<object[]> {
  const named = (config.services ?? []).flatMap(({ internal_port, checks = [] }, service) =>
    checks.map(({ type, path = "/" }) => ({
      name: `servicecheck-0${service}-${type}-${internal_port}`,
      path,
    })),
  );
  const updated_at = new Date().toISOString();
  return Promise.all(
    named.map(async ({ name, path }) => {
      const passing =
        state === "started" &&
        (url === undefined ? behaviour.checks === "passing" : await answers(url + path));
      return passing
        ? { name, status: "passing", output: "200 OK", updated_at }
        : { name, status: "critical", output: behaviour.checkOutput, updated_at };
    }),
  );
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(5_000) })).ok;
  } catch {
    return false;
  }
}
