import { stat } from "node:fs/promises";
import { join } from "node:path";
import {
  dag,
  ImageLayerCompression,
  ImageMediaTypes,
  NetworkProtocol,
  type Container,
  type Platform,
} from "@dagger.io/dagger";
import { describe, expect, test } from "vitest";
import { readImages, readMembers, type OciImage } from "../support/archive.ts";
import { debian, nonce, sh } from "../support/containers.ts";
import { scratch } from "../support/scratch.ts";
import { hasZstd, onEmbeddedEngine } from "../support/session.ts";

/** A small image without a base, so that archives stay small. */
const small = (platform?: Platform): Container =>
  dag
    .container({ platform })
    .withNewFile("/hello", "hello")
    .withEntrypoint(["/hello"])
    .withDefaultArgs(["a", "b"])
    .withEnvVariable("GREETING", "hi")
    .withWorkdir("/work")
    .withUser("1000:1000")
    .withLabel("org.example.label", "value")
    .withAnnotation("org.example.note", "annotated")
    .withExposedPort(8080)
    .withExposedPort(53, { protocol: NetworkProtocol.Udp });

async function exported(
  container: Container,
  options = {},
): Promise<[OciImage[], Map<string, string>]> {
  const host = await scratch();
  const path = join(host, "image.tar");
  expect(await container.export(path, options)).toBe(path);
  const members = await readMembers(path);
  return [readImages(members), members];
}

describe("Container.export", () => {
  test("writes an OCI layout that docker load also reads, for the owner only", async () => {
    const host = await scratch();
    const path = join(host, "deep/image.tar");
    await small().export(path);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const members = await readMembers(path);
    expect([...members.keys()]).toEqual(
      expect.arrayContaining(["oci-layout", "index.json", "manifest.json"]),
    );
  });

  test("carries the whole configuration", async () => {
    const [[image]] = await exported(small());
    expect(image?.config.config).toMatchObject({
      Entrypoint: ["/hello"],
      Cmd: ["a", "b"],
      WorkingDir: "/work",
      User: "1000:1000",
      Labels: { "org.example.label": "value" },
      ExposedPorts: { "8080/tcp": {}, "53/udp": {} },
    });
    expect(image?.config.config.Env).toContain("GREETING=hi");
    expect(image?.manifest.annotations).toMatchObject({ "org.example.note": "annotated" });
  });

  test("what was removed again is not in it", async () => {
    const container = small()
      .withoutLabel("org.example.label")
      .withoutAnnotation("org.example.note")
      .withoutExposedPort(8080)
      .withoutEnvVariable("GREETING")
      .withoutEntrypoint();
    const [[image]] = await exported(container);
    const { config } = image?.config ?? {};
    expect(Object.keys(config?.Labels ?? {})).toEqual([]);
    expect(Object.keys(config?.ExposedPorts ?? {})).toEqual(["53/udp"]);
    expect(config?.Env ?? []).toEqual([]);
    expect(config?.Entrypoint ?? []).toEqual([]);
    expect(image?.manifest.annotations ?? {}).not.toHaveProperty(["org.example.note"]);
  });

  test("carries the health check", async () => {
    const [[image]] = await exported(small().withDockerHealthcheck(["sh", "-c", "echo ok"]));
    expect(image?.config.config.Healthcheck?.Test).toEqual(["CMD", "sh", "-c", "echo ok"]);
  });

  test("platform variants become one archive with an image for each", async () => {
    const variants = [small("linux/amd64" as Platform), small("linux/arm64" as Platform)];
    const [images] = await exported(dag.container(), { platformVariants: variants });
    expect(images.map((image) => image.platform).sort()).toEqual(["linux/amd64", "linux/arm64"]);
    expect(images.map((image) => image.config.architecture).sort()).toEqual(["amd64", "arm64"]);
    expect(images[0]?.manifest.annotations).toMatchObject({ "org.example.note": "annotated" });
  });

  const compressions = [
    [ImageLayerCompression.Gzip, /\+gzip$/],
    [ImageLayerCompression.Uncompressed, /\.tar$/],
    ...(hasZstd ? [[ImageLayerCompression.Zstd, /\+zstd$/] as const] : []),
  ] as const;

  test.each(compressions)("forcedCompression %s", async (forcedCompression, mediaType) => {
    const [[image]] = await exported(small(), { forcedCompression });
    for (const layer of image?.manifest.layers ?? []) expect(layer.mediaType).toMatch(mediaType);
    expect(image?.manifest.layers.length).toBeGreaterThan(0);
  });

  test.skipIf(hasZstd)("zstd, where Node.js can't write it, is an error that says so", async () => {
    const archive = small().asTarball({ forcedCompression: ImageLayerCompression.Zstd });
    await expect(archive.size()).rejects.toThrow(/cannot write zstd/);
  });

  test.each([
    [ImageMediaTypes.Oci, "application/vnd.oci.image."],
    [ImageMediaTypes.Docker, "application/vnd.docker."],
  ])("mediaTypes %s", async (mediaTypes, prefix) => {
    const [[image]] = await exported(small(), { mediaTypes });
    expect(image?.manifest.config.mediaType.startsWith(prefix)).toBe(true);
    for (const layer of image?.manifest.layers ?? [])
      expect(layer.mediaType.startsWith(prefix)).toBe(true);
  });

  describe.runIf(onEmbeddedEngine)("does not depend on the daemon that it was made on", () => {
    const ofDay = dag.directory().withNewFile("srv/hello", "hello").withTimestamps(86_400);

    test.each([
      ["Oci" as const, "sha256:26e554dfd27e7718b87c2d51de75f04cff8640c7924b677263c099621060e361"],
      [
        "Docker" as const,
        "sha256:415d27b27ff14eeb08a3e55358710c49b32241ade558eccd674f1bbac7d2f5cf",
      ],
    ])("down to the digest, with media types %s", async (types, digest) => {
      const container = dag
        .container({ platform: "linux/amd64" as Platform })
        .withDirectory("/", ofDay)
        .withEntrypoint(["/srv/hello"])
        .withEnvVariable("GREETING", "hi")
        .withLabel("org.example.label", "value");
      const [[image], members] = await exported(container, {
        forcedCompression: ImageLayerCompression.Uncompressed,
        mediaTypes: ImageMediaTypes[types],
      });
      expect(image?.config).toEqual({
        created: "1970-01-01T00:00:00Z",
        architecture: "amd64",
        os: "linux",
        config: {
          Env: ["GREETING=hi"],
          Entrypoint: ["/srv/hello"],
          Labels: { "org.example.label": "value" },
        },
        rootfs: { type: "layers", diff_ids: [expect.any(String)] },
      });
      const index = JSON.parse(members.get("index.json") ?? "") as { manifests: [object] };
      expect(index.manifests[0]).toMatchObject({ digest });
    });

    test("nor tells which commands were run", async () => {
      const marker = nonce();
      const ran = debian()
        .withExec(sh(`: ${marker}`))
        .withNewFile("/after", "");
      const [[image]] = await exported(ran);
      expect(JSON.stringify(image?.config)).not.toContain(marker);
      expect(image?.config).not.toHaveProperty("history");
    });
  });

  test("expand replaces variables in the path", async () => {
    const host = await scratch();
    const container = small().withEnvVariable("NAME", "expanded");
    expect(await container.export(`${host}/\${NAME}.tar`, { expand: true })).toBe(
      `${host}/expanded.tar`,
    );
  });

  test("onto a directory is refused", async () => {
    const host = await scratch();
    await expect(small().export(host)).rejects.toThrow();
  });
});

describe("Container.asTarball", () => {
  test("is a file that containers can use", async () => {
    const listed = debian()
      .withMountedFile("/image.tar", small().asTarball())
      .withExec(sh("tar tf /image.tar | grep -x -e oci-layout -e index.json | sort"));
    expect(await listed.stdout()).toBe("index.json\noci-layout\n");
  });

  test("equal containers give equal archives", async () => {
    const digest = (container: Container) =>
      container.asTarball().digest({ excludeMetadata: true });
    expect(await digest(small())).toBe(await digest(small()));
  });
});

describe("Container.import", () => {
  test("brings files and configuration back", async () => {
    const word = nonce();
    const made = debian()
      .withExec(sh(`echo ${word} > /word`))
      .withEnvVariable("FOO", "bar")
      .withEntrypoint(["cat"]);
    const imported = dag.container().import_(made.asTarball());
    expect(await imported.withExec(["/word"], { useEntrypoint: true }).stdout()).toBe(`${word}\n`);
    expect(await imported.envVariable("FOO")).toBe("bar");
  });

  test("reads an archive with Docker media types from the host", async () => {
    const host = await scratch();
    await small().export(`${host}/image.tar`, { mediaTypes: ImageMediaTypes.Docker });
    const imported = dag.container().import_(dag.host().file(`${host}/image.tar`));
    expect(await imported.file("/hello").contents()).toBe("hello");
    expect(await imported.workdir()).toBe("/work");
  });

  test("takes its own platform out of an archive of several", async () => {
    const variant = (platform: string) =>
      dag.container({ platform: platform as Platform }).withNewFile("/arch", platform);
    const archive = dag
      .container()
      .asTarball({ platformVariants: [variant("linux/amd64"), variant("linux/arm64")] });
    for (const platform of ["linux/amd64", "linux/arm64"]) {
      const imported = dag.container({ platform: platform as Platform }).import_(archive);
      expect(await imported.file("/arch").contents()).toBe(platform);
    }
  });

  test("of something that is no image fails", async () => {
    await expect(
      dag.container().import_(dag.file("image.tar", "no archive")).sync(),
    ).rejects.toThrow();
  });
});
