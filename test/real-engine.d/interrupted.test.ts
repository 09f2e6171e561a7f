import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { get } from "node:https";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { nonce } from "../support/containers.ts";
import { deployedApp } from "../support/deployedApp.ts";
import { ReleaseRepository } from "../support/releaseRepository.ts";
import { command, printed, run, sluice } from "./support/engine.ts";
import { trustedRegistry, type TrustedRegistry } from "./support/registry.ts";

const probe = { path: "/healthz", deadline: "60s" };

/** Whether a registry has a tag. */
async function has({ host, authority }: TrustedRegistry, path: string, tag: string) {
  const ca = await readFile(authority);
  const answer = new Promise<string>((resolve, reject) => {
    get(`https://${host}/v2/${path}/tags/list`, { ca }, (reply) => void text(reply).then(resolve))
      // The registry is there; a connection that breaks is a fault of the test.
      .once("error", reject);
  });
  return (await answer).includes(`"${tag}"`);
}

test("a promotion that is killed with its engine's session is finished or undone by the next run, on any engine", async () => {
  const registry = await trustedRegistry();
  const name = `real-cut-${nonce()}`;
  const repository = await ReleaseRepository.create({
    ...deployedApp("backend"),
    ...deployedApp("frontend"),
    "release.yaml": JSON.stringify({
      ...{ version: 1, name },
      registries: { hub: { address: `${registry.host}/${name}` } },
      services: {
        backend: { context: "backend", port: 8080, probe },
        frontend: { context: "frontend", port: 8080, probe },
      },
      channels: { live: {} },
    }),
  });
  onTestFinished(() => repository.remove());
  const env = { NODE_EXTRA_CA_CERTS: registry.authority };
  const options = { cwd: repository.dir, env };
  await printed(sluice(["call", "publish", "promote", "--channel", "live"], options));
  await repository.commit("Go on", { "backend/more.html": "more" });
  await printed(sluice(["call", "publish"], options));

  const [program, args] = command(["call", "promote", "--channel", "live"]);
  const child = spawn(program, args, {
    cwd: repository.dir,
    env: { ...process.env, ...env },
    detached: true,
    stdio: "ignore",
  });
  const ended = once(child, "exit");
  // The first change left two records: that it began, and that it ended.
  while (
    child.exitCode === null &&
    !(await has(registry, `${name}/${name}-ledger`, "channel.live.3"))
  )
    await sleep(10);
  expect(child.exitCode).toBeNull();
  process.kill(-(child.pid ?? 0), "SIGKILL");
  await ended;

  const recover = ["call", "recover", "--channel", "live"];
  const [embedded, recovering] = command(recover, "embedded");
  await printed(run(embedded, recovering, options));
  await printed(sluice(["call", "status", "enforce"], options));
  const { channels } = JSON.parse(await printed(sluice(["call", "status", "json"], options))) as {
    channels: { holds: { commit: string } }[];
  };
  const commits = (await printed(run("git", ["log", "--format=%H"], options))).trim().split("\n");
  expect(commits).toContain(channels[0]?.holds.commit);
});
