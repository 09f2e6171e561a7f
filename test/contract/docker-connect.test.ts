import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { createHash } from "node:crypto";
import { describe, expect, onTestFinished, test } from "vitest";
import { connected, docker, run } from "./docker-support.ts";
import { scratch } from "../support/scratch.ts";

const here = (env: Record<string, string>, home = "/nowhere") => ({
  env,
  home,
  platform: "linux" as const,
  uid: 1000,
});

describe("connecting", () => {
  test("lists every place that was tried, and says what to do", async () => {
    const surroundings = { ...here({ XDG_RUNTIME_DIR: "/no/run" }), platform: "darwin" as const };
    // On this platform only places in the home folder and the usual socket are looked at.
    const failure = await connected({
      surroundings: { ...surroundings, env: { DOCKER_HOST: "unix:///no/such.sock" } },
    }).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: "DOCKER_UNREACHABLE",
      message: expect.stringContaining(
        "DOCKER_HOST=unix:///no/such.sock: no such socket",
      ) as string,
      options: { hint: expect.stringContaining("DOCKER_HOST") as string },
    });
  });

  test.each([
    ["tcp://127.0.0.1:9", /connection refused/],
    ["gopher://x", /expected unix:/],
    ["tcp://a b", /expected an address/],
  ])("DOCKER_HOST=%s is refused with the reason", async (DOCKER_HOST, reason) => {
    await expect(connected({ surroundings: here({ DOCKER_HOST }) })).rejects.toMatchObject({
      code: "DOCKER_UNREACHABLE",
      message: expect.stringMatching(reason) as string,
    });
  });

  test("gives up on a daemon that accepts and never answers", async () => {
    const folder = await scratch();
    const server = createServer(() => undefined).listen(join(folder, "hang.sock"));
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const DOCKER_HOST = `unix://${join(folder, "hang.sock")}`;
    await expect(connected({ surroundings: here({ DOCKER_HOST }) })).rejects.toMatchObject({
      message: expect.stringContaining("no answer within 5 s") as string,
    });
  });

  test("uses DOCKER_HOST, a docker context or the usual socket", async () => {
    const socket = "unix:///var/run/docker.sock";
    await connected({ surroundings: here({ DOCKER_HOST: socket }) });
    const id = createHash("sha256").update("mine").digest("hex");
    const home = await scratch({
      ".docker/config.json": JSON.stringify({ currentContext: "mine" }),
      [`.docker/contexts/meta/${id}/meta.json`]: JSON.stringify({
        Name: "mine",
        Endpoints: { docker: { Host: socket } },
      }),
    });
    await connected({ surroundings: here({}, home) });
    await connected({ surroundings: here({}) });
    await expect(
      connected({ surroundings: here({ DOCKER_CONTEXT: "absent" }, home) }),
    ).rejects.toThrow('docker context "absent": there is no such context');
  });
});

describe("sweeping", () => {
  const create = (pid: number, session: string) =>
    docker(
      "create",
      ...["--label", `dev.sluice.session=${session}`, "--label", `dev.sluice.pid=${pid}`],
      ...["--label", `dev.sluice.host=${hostname}`, "--label", "dev.sluice.kind=exec"],
      "debian:bookworm-slim",
      "true",
    );
  let hostname = "";

  test("removes what a dead session left, and nothing of a living one", async () => {
    hostname = (await run("hostname", [])).stdout.trim();
    const dead = (await run("sh", ["-c", "echo $$"])).stdout.trim();
    const left = await create(Number(dead), "test-dead");
    const living = await create(process.pid, "test-living");
    const foreign = await docker("create", "debian:bookworm-slim", "true");
    onTestFinished(async () => {
      await docker("rm", living, foreign);
    });
    await docker(
      "volume",
      "create",
      "--label",
      "dev.sluice.session=test-dead",
      "--label",
      `dev.sluice.pid=${dead}`,
      "--label",
      `dev.sluice.host=${hostname}`,
      "sluice-test-left",
    );
    await connected();
    const containers = await docker("ps", "-aq", "--no-trunc");
    expect(containers).not.toContain(left);
    expect(containers).toContain(living);
    expect(containers).toContain(foreign);
    expect(await docker("volume", "ls", "-q", "--filter", "name=sluice-test-left")).toBe("");
  });
});
