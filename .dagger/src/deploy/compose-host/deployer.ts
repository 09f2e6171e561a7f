import { randomUUID } from "node:crypto";
import type { ComposePlatform } from "../../pipeline/model.ts";
import type { DeployContext, Deployer, DeploymentWanted } from "../deployer.ts";
import { resultSchema } from "./answer.ts";
import { connectionTo } from "./connection.ts";
import { bringTo } from "./bring.ts";
import { dockerLogin } from "./login.ts";
import { plannedLines, seconds } from "./planned.ts";
import { containersOf, releaseFiles } from "./release.ts";
import type { HostRequest } from "./request.ts";
import { digestsRunning } from "./running.ts";
import { logs, plan, running } from "./scripts/ask.ts";
import { stackOf } from "./stack.ts";
import { TIMES, type Times } from "./times.ts";
import { blockedBy } from "./verdict.ts";

/**
 * Deploys to a host with Docker Compose, over SSH. Each step is one connection; what has begun on
 * the host is brought to a sound end there, whether the connection holds or not.
 */
export function composeHostDeployer(
  context: DeployContext<ComposePlatform>,
  times: Times = TIMES,
): Deployer {
  const { pipeline, target } = context;
  const scrub = (text: string) => context.scrub(text);
  const stack = stackOf(context);
  const request = (script: string): HostRequest => ({
    ...{ script, stack, run: randomUUID() },
    timeoutSeconds: seconds(target.platform.waitTimeoutMs),
  });
  const names = pipeline.services.map(({ name }) => name);

  return {
    async plan(wanted: DeploymentWanted) {
      const connection = await connectionTo(context);
      const { address } = connection;
      // What is wrong with the files shows before the host is asked.
      await releaseFiles(context, stack, wanted);
      const sections = await connection.ask(request(plan));
      const log = scrub(sections.get("log") ?? "");
      const blocked = resultSchema.shape.blocked.parse(sections.get("blocked")?.trim());
      if (blocked !== "none")
        throw blockedBy(blocked, { address, stack, log, place: context.place });
      const now = digestsRunning(sections.get("running") ?? "", names) ?? {};
      const { services } = containersOf(pipeline, wanted);
      const images = wanted.images.filter((one) =>
        services.some(({ name }) => name === one.service),
      );
      const seen = { address, stack, running: now };
      return plannedLines(target.platform, { ...wanted, images }, seen).map(scrub);
    },

    async deploy(wanted) {
      // Going back is not broken off.
      if (wanted.kind === "deployment") context.signal.throwIfAborted();
      const release = await releaseFiles(context, stack, wanted);
      const connection = await connectionTo(context, await dockerLogin(context, wanted));
      return bringTo({ context, connection, stack, times }, wanted, release);
    },

    async running() {
      const sections = await (await connectionTo(context)).ask(request(running));
      return digestsRunning(sections.get("running") ?? "", names);
    },

    async logs() {
      const sections = await (await connectionTo(context)).ask(request(logs));
      return scrub(sections.get("log") ?? "");
    },
  };
}
