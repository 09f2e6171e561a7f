import { readdir } from "node:fs/promises";
import { dag } from "@dagger.io/dagger";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { buildImages } from "../../.dagger/src/build/images.ts";
import { collectFiles } from "../../.dagger/src/files/collect.ts";
import { writeFiles } from "../../.dagger/src/files/download.ts";
import type { PipelineService } from "../../.dagger/src/pipeline/model.ts";
import { parsePipeline } from "../../.dagger/src/pipeline/parse.ts";
import { publishCandidate } from "../../.dagger/src/publish/publish.ts";
import { Logins } from "../../.dagger/src/registries/logins.ts";
import { Registries } from "../../.dagger/src/registries/registries.ts";
import { nonce } from "../support/containers.ts";
import { sha256, tagsOf } from "../support/registryContent.ts";
import { frontOf, type RegistryFront } from "../support/registryFront.ts";
import { type RegistryProcess, startRegistry } from "../support/registryProcess.ts";
import { placeIn } from "../support/releasedFiles.ts";
import { scratch } from "../support/scratch.ts";
import { refusalOf } from "../support/shipyard.ts";

/** Files of images that this session's engine builds, published to registries on this machine. */
const commit = "a".repeat(40);
const image = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

let registries: RegistryProcess[];
let fronts: RegistryFront[];
beforeAll(async () => {
  registries = await Promise.all([startRegistry(), startRegistry()]);
  fronts = await Promise.all(registries.map(({ origin }) => frontOf(origin)));
});
afterAll(() => Promise.all([...fronts, ...registries].map((one) => one.stop())));
afterEach(() => void vi.unstubAllEnvs());

/** All bytes that there are, a text, an empty file, links and a directory. */
const dockerfile = [
  "FROM busybox:1.37.0-musl AS build",
  "RUN mkdir -p /out/folder && cd /out && for i in $(seq 0 255); do " +
    'printf "\\\\$(printf %03o $i)"; done > firmware.bin && ' +
    "printf 'main 0x0800\\n' > firmware.map && : > empty && ln -s firmware.bin link.bin && " +
    "ln -s nowhere broken",
  "FROM scratch",
  "COPY --from=build /out /out",
  "",
].join("\n");

/** A pipeline whose only service is these files, and what publishes it. */
async function ready(files: readonly string[]) {
  const name = `gateway-${nonce()}`;
  const hosts = fronts.map(({ host }) => host);
  const text = JSON.stringify({
    ...{ version: 1, name, services: { firmware: { files } }, channels: { prod: {} } },
    registries: Object.fromEntries(
      hosts.map((host, index) => [`r${index + 1}`, { address: `${host}/${name}` }]),
    ),
  });
  const pipeline = parsePipeline(text, "release.yaml");
  const all = new Registries(pipeline, await Logins.collect(pipeline, []));
  return { name, pipeline, registries: all };
}

function build(services: readonly PipelineService[]) {
  const revision = {
    ...{ commit, changed: [], files: dag.directory().withNewFile("Dockerfile", dockerfile) },
    facts: () => Promise.resolve({ committedAt: 1_770_000_000, origin: undefined }),
  };
  return buildImages(services, revision, { version: "1.4.0", created: undefined });
}

async function publish({ pipeline, registries: all }: Awaited<ReturnType<typeof ready>>) {
  const told: string[] = [];
  const candidate = await publishCandidate({
    ...{ pipeline, registries: all, revision: { commit, changed: [] } },
    build: async () => (await build(pipeline.services)).images,
    onProgress: (line) => told.push(line),
  });
  return { candidate, told };
}

/** Requests that wrote something. */
const written = () =>
  fronts.flatMap(({ seen }) => seen.filter((line) => !/^(?:GET|HEAD)/.test(line)));

describe("files of an image", () => {
  test("are published to every registry byte for byte, once", async () => {
    const own = await ready(["/out/firmware.bin", "/out/firmware.map", "/out/link.bin"]);
    const { candidate } = await publish(own);
    const [service] = candidate.services;
    expect(Object.keys(service?.refs ?? {})).toEqual(["r1", "r2"]);
    for (const registry of registries) {
      expect(await tagsOf(registry.origin, `${own.name}/firmware`)).toEqual([`sha-${commit}`]);
      const place = placeIn(registry, `${own.name}/firmware`);
      const files = await writeFiles(place, service?.digest ?? "", await scratch());
      expect(files.map(({ name, size, digest }) => [name, size, digest]).slice(0, 3)).toEqual([
        ["firmware.bin", 256, sha256(image)],
        ["firmware.map", 12, sha256(Buffer.from("main 0x0800\n"))],
        ["link.bin", 256, sha256(image)],
      ]);
      const { bytes } = await place.client.get(place.repository, service?.digest ?? "");
      expect(
        (JSON.parse(Buffer.from(bytes).toString()) as { annotations: unknown }).annotations,
      ).toEqual({
        "org.opencontainers.image.revision": commit,
        "org.opencontainers.image.version": "1.4.0",
        "org.opencontainers.image.created": "2026-02-02T02:40:00Z",
      });
    }
    for (const { seen } of fronts) seen.length = 0;
    const again = await publish(own);
    expect(again.candidate).toEqual(candidate);
    expect(again.told).toEqual([`${commit} was published before; its images stay as they are`]);
    expect(written()).toEqual([]);
  });

  test.each([
    [
      "nothing",
      ["/out/firmware.bin", "/out/missing.bin"],
      "at /out/missing.bin in the image, found nothing",
    ],
    [
      "a directory",
      ["/out/folder"],
      "at /out/folder in the image, found something that is no file",
    ],
    ["a link that leads nowhere", ["/out/broken"], "at /out/broken in the image, found nothing"],
  ])("are not built where %s is in their place", async (_, files, words) => {
    const own = await ready(files);
    const { code, message } = await refusalOf(build(own.pipeline.services));
    expect(code).toBe("FILES_MISSING");
    expect(message).toContain(`firmware: expected a file ${words}`);
  });

  test("are all named that are missing", async () => {
    const own = await ready(["/a", "/b"]);
    const { message } = await refusalOf(build(own.pipeline.services));
    expect(message).toContain("at /a in the image, found nothing");
    expect(message).toContain("at /b in the image, found nothing");
  });

  test("are not pushed at all when one of them is empty, and nothing is left of them here", async () => {
    const temporary = await scratch();
    vi.stubEnv("TMPDIR", temporary);
    const own = await ready(["/out/firmware.bin", "/out/empty"]);
    for (const { seen } of fronts) seen.length = 0;
    const { code, message } = await refusalOf(publish(own));
    expect(code).toBe("FILES_UNUSABLE");
    expect(message).toContain("firmware: /out/empty is empty; expected at least one byte");
    expect(written()).toEqual([]);
    expect(await readdir(temporary)).toEqual([]);
  });

  test("are refused when one of them is larger than a release takes", async () => {
    const own = await ready(["/out/firmware.map", "/out/firmware.bin"]);
    const [built] = (await build(own.pipeline.services)).images;
    const [container] = built?.containers ?? [];
    const { code, message } = await refusalOf(
      collectFiles(built!.service, container!, await scratch(), 255),
    );
    expect(code).toBe("FILES_UNUSABLE");
    expect(message).toContain(
      "firmware: /out/firmware.bin: expected at most 255 bytes, got 256 [FILES_UNUSABLE]",
    );
  });
});
