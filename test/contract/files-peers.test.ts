import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeFiles } from "../../.dagger/src/files/download.ts";
import {
  type RunningRegistry,
  startReferrersRegistry,
  startRegistry,
} from "../support/registryProcess.ts";
import { crane, distributionV3, referrersRegistry, regctl } from "../support/registryTools.ts";
import { firmware, placeIn, publishFiles } from "../support/releasedFiles.ts";
import { scratch } from "../support/scratch.ts";

const run = promisify(execFile);
const commit = "a".repeat(40);

/** Left out where they can't be had on this machine. */
const registries = [
  {
    name: "distribution 3",
    program: await distributionV3(),
    start: (program: string): Promise<RunningRegistry> => startRegistry({ program }),
  },
  {
    name: "go-containerregistry",
    program: await referrersRegistry(),
    start: startReferrersRegistry,
  },
];
const [craneProgram = "", regctlProgram = ""] = [await crane(), await regctl()];

let debian: RunningRegistry;
beforeAll(async () => {
  debian = await startRegistry();
});
afterAll(() => debian.stop());

for (const { name, program, start } of registries) {
  it.skipIf(program === undefined)(`${name} keeps released files`, async () => {
    const registry = await start(program ?? "");
    try {
      const place = placeIn(registry, "board/firmware");
      const digest = await publishFiles(place, commit);
      const folder = await scratch();
      await writeFiles(place, digest, folder);
      const { stdout } = await run("sha256sum", ["--check", "SHA256SUMS"], { cwd: folder });
      expect(stdout).toBe("firmware.bin: OK\nfirmware.map: OK\n");
    } finally {
      await registry.stop();
    }
  });
}

describe("released files are read by others", () => {
  it.skipIf(regctlProgram === "")("regctl downloads them under their names", async () => {
    const digest = await publishFiles(placeIn(debian, "by-regctl"), commit);
    const folder = await scratch();
    const home = await scratch();
    const ref = `${debian.host}/by-regctl@${digest}`;
    const host = ["--host", `reg=${debian.host},tls=disabled`];
    await run(regctlProgram, [...host, "artifact", "get", "--output", folder, ref], {
      env: { HOME: home },
    });
    const { stdout } = await run("sha256sum", ["--check", "SHA256SUMS"], { cwd: folder });
    expect(stdout).toBe("firmware.bin: OK\nfirmware.map: OK\n");
    expect(await readFile(join(folder, "firmware.bin"), "utf8")).toBe(firmware["firmware.bin"]);
  });

  it.skipIf(craneProgram === "")("crane copies them, and their digest stays", async () => {
    const digest = await publishFiles(placeIn(debian, "by-crane"), commit);
    const from = `${debian.host}/by-crane@${digest}`;
    await run(craneProgram, ["copy", "--insecure", from, `${debian.host}/copied:v1`]);
    const { stdout } = await run(craneProgram, ["digest", `${debian.host}/copied:v1`]);
    expect(stdout.trim()).toBe(digest);
  });
});
