import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CandidateData, candidateSchema } from "../../.dagger/src/candidate/model.ts";
import { statusSchema } from "../../.dagger/src/status/model.ts";
import { nonce } from "../support/containers.ts";
import { serviceImage } from "../support/oneService.ts";
import { ReleaseRepository } from "../support/releaseRepository.ts";
import { removeVolumesOf } from "../support/releaseVolumes.ts";

const run = promisify(execFile);

/**
 * Firmware that rides the same release as the service it talks to, through the launcher: each test
 * goes on where the one before it has stopped.
 */
const pipeline = `test-files-${nonce()}`;
const registries = ["one", "two"];
let repository: ReleaseRepository;
let artifacts: string;
let commit: string;
let candidate: CandidateData;

const firmware = (...steps: string[]) => [
  "FROM busybox:1.37.0-musl AS build",
  "ARG SLUICE_COMMIT",
  ...steps,
  "FROM scratch",
  "COPY --from=build /out /out",
  "",
];
const release = {
  ...{ version: 1, name: pipeline },
  services: {
    backend: { port: 8080, probe: { path: "/healthz", deadline: "20s" } },
    firmware: { context: "firmware", files: ["/out/firmware.bin", "/out/firmware.map"] },
  },
  registries: {
    one: { address: "localhost:5120/gateway", service: {} },
    two: { address: "localhost:5121/gateway", service: {} },
  },
  channels: { prod: { verifyFrom: "two" } },
};

beforeAll(async () => {
  artifacts = await mkdtemp(join(tmpdir(), "sluice-artifacts-"));
  repository = await ReleaseRepository.create({
    ...serviceImage,
    // JSON is YAML, too.
    "release.yaml": JSON.stringify(release),
    "firmware/Dockerfile": firmware(
      "RUN mkdir /out && head -c 300000 /bin/busybox > /out/firmware.bin",
      "RUN echo $SLUICE_COMMIT > /out/firmware.map",
    ).join("\n"),
  });
  commit = await repository.head();
});
afterAll(async () => {
  await repository.remove();
  await rm(artifacts, { recursive: true, force: true });
  await removeVolumesOf(pipeline, registries);
});

/** Runs sha256sum where files were written to. */
async function checked(path: string): Promise<string> {
  const options = { cwd: path };
  return (await run("sha256sum", ["--check", "--strict", "SHA256SUMS"], options)).stdout;
}

describe("firmware beside a service", () => {
  test("is published, verified and promoted with it, in every registry", async () => {
    const summary = await repository.call(..."publish promote --channel prod summary".split(" "));
    expect(summary).toMatch(new RegExp(`^✔ prod holds ${commit}: 4 of 4 tags moved`));
    candidate = candidateSchema.parse(await repository.json("candidate", "json"));
    const digest = candidate.services.find(({ name }) => name === "firmware")?.digest;
    const { channels } = statusSchema.parse(await repository.json("status", "json"));
    expect(channels[0]?.refs.filter(({ service }) => service === "firmware")).toMatchObject([
      { registry: "one", digest, recorded: digest },
      { registry: "two", digest, recorded: digest },
    ]);
  });

  test("is shown with its checksums by a verification, also of what the tag holds", async () => {
    const verified = await repository.call("smoke-verify", "--tag", "prod", "summary");
    expect(verified).toMatch(/^✔ passed: 1 service healthy, 2 files intact in /);
    expect(verified).toMatch(/^ {6}[0-9a-f]{64} {2}firmware\.bin$/m);
    expect(verified).toContain(`  commit ${commit}\n`);
  });

  test("is downloaded as the channel holds it, and every checksum is right", async () => {
    const path = join(artifacts, "prod");
    const wanted = ["--service", "firmware", "--channel", "prod"];
    await repository.call("files", ...wanted, "export", "--path", path);
    expect(await checked(path)).toBe("firmware.bin: OK\nfirmware.map: OK\n");
    expect(await readFile(join(path, "firmware.map"), "utf8")).toBe(`${commit}\n`);
    expect((await readFile(join(path, "firmware.bin"))).length).toBe(300_000);
  });

  test("is refused with its path, before anything is published, when its build leaves it out", async () => {
    const later = await repository.commit("Forget the image", {
      "firmware/Dockerfile": firmware(
        "RUN mkdir -p /out/firmware.bin && echo > /out/firmware.map",
      ).join("\n"),
    });
    const { error } = await repository.refused(["publish", "summary"]);
    expect(error).toBe(
      "firmware: expected a file at /out/firmware.bin in the image, found something that is no file [FILES_MISSING]",
    );
    const { error: unpublished } = await repository.refused([
      ...["files", "--service", "firmware", "--commit", later, "entries"],
    ]);
    expect(unpublished).toContain(`${later} was never published`);
  });
});
