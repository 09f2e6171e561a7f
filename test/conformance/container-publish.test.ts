import {
  dag,
  ImageLayerCompression,
  ImageMediaTypes,
  type Container,
  type Platform,
  type Service,
} from "@dagger.io/dagger";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { debian, nonce, sh } from "../support/containers.ts";
import { RegistryReader, registryService } from "../support/registry.ts";
import { hasZstd } from "../support/session.ts";

const address = "localhost:5010";
let registry: Service;
let tunnel: Service;
let reader: RegistryReader;

beforeAll(async () => {
  registry = await registryService({ port: 5010 }).start();
  tunnel = await dag.host().tunnel(registry).start();
  reader = new RegistryReader(await tunnel.endpoint({ scheme: "http" }));
});

afterAll(async () => {
  await tunnel.stop();
  await registry.stop();
});

/** A small image without a base; its content differs from test to test. */
const small = (platform?: Platform): Container =>
  dag
    .container({ platform })
    .withNewFile("/hello", `hello ${nonce()}`)
    .withDefaultArgs(["/hello"])
    .withLabel("org.example.label", "value");

const publish = (container: Container, reference: string, options = {}) =>
  container.publish(`${address}/${reference}`, { registryService: registry, ...options });

const digestOf = (published: string) => published.slice(published.indexOf("@") + 1);

describe("Container.publish", () => {
  test("answers the address with the digest that the tag now has", async () => {
    const published = await publish(small(), "acme/app:v1");
    expect(published).toMatch(/^localhost:5010\/acme\/app(:v1)?@sha256:[0-9a-f]{64}$/);
    expect((await reader.manifest("acme/app", "v1")).digest).toBe(digestOf(published));
  });

  test("what was published can be pulled by digest, files and configuration alike", async () => {
    const word = nonce();
    const image = debian()
      .withExec(sh(`echo ${word} > /word`))
      .withEnvVariable("FOO", "bar")
      .withWorkdir("/srv")
      .withEntrypoint(["cat"])
      .withDefaultArgs(["/word"]);
    const published = await publish(image, "acme/pulled:1");
    const pulled = dag.container().from(published, { registryService: registry });
    expect(await pulled.withExec([], { useEntrypoint: true }).stdout()).toBe(`${word}\n`);
    expect(await pulled.envVariable("FOO")).toBe("bar");
    expect(await pulled.workdir()).toBe("/srv");
    expect(await pulled.imageRef()).toContain(digestOf(published));
  });

  test("can be pulled by tag", async () => {
    const image = small();
    await publish(image, "acme/tagged:stable");
    const pulled = dag
      .container()
      .from(`${address}/acme/tagged:stable`, { registryService: registry });
    expect(await pulled.file("/hello").contents()).toBe(await image.file("/hello").contents());
    expect(await pulled.label("org.example.label")).toBe("value");
  });

  test("the same container twice has the same digest", async () => {
    const image = small();
    const first = await publish(image, "acme/same:1");
    expect(digestOf(await publish(image, "acme/same:2"))).toBe(digestOf(first));
    expect(digestOf(await publish(image, "acme/same:1"))).toBe(digestOf(first));
  });

  test("moving a tag leaves the earlier digest pullable", async () => {
    const first = await publish(small(), "acme/moved:latest");
    const second = await publish(small(), "acme/moved:latest");
    expect(digestOf(second)).not.toBe(digestOf(first));
    expect((await reader.manifest("acme/moved", "latest")).digest).toBe(digestOf(second));
    expect((await reader.manifest("acme/moved", digestOf(first))).digest).toBe(digestOf(first));
  });

  test("images on one base share its layers", async () => {
    const layers = async (word: string) => {
      await publish(debian().withNewFile("/word", word), `acme/shared:${word}`);
      return (await reader.image("acme/shared", word)).layers.map((layer) => layer.digest);
    };
    const one = await layers("one");
    const two = await layers("two");
    expect(two[0]).toBe(one[0]);
    expect(two.at(-1)).not.toBe(one.at(-1));
  });

  test("annotations go on the manifest", async () => {
    await publish(small().withAnnotation("org.example.note", "noted"), "acme/annotated:1");
    const { annotations } = await reader.image("acme/annotated", "1");
    expect(annotations).toMatchObject({ "org.example.note": "noted" });
  });

  test("platform variants become one index, from which each platform pulls its own", async () => {
    const platforms = ["linux/amd64", "linux/arm64"] as Platform[];
    const variants = platforms.map((platform) =>
      dag
        .container({ platform })
        .withNewFile("/arch", platform)
        .withAnnotation("org.example.note", platform),
    );
    const published = await publish(dag.container(), "acme/multi:1", {
      platformVariants: variants,
    });
    const { manifests } = await reader.index("acme/multi", "1");
    expect((await reader.manifest("acme/multi", "1")).digest).toBe(digestOf(published));
    expect(
      manifests.map(({ platform }) => `${platform.os}/${platform.architecture}`).sort(),
    ).toEqual(platforms);
    for (const platform of platforms) {
      const pulled = dag.container({ platform }).from(published, { registryService: registry });
      expect(await pulled.file("/arch").contents()).toBe(platform);
      expect(await pulled.platform()).toBe(platform);
    }
  });

  const { Gzip, Zstd, Uncompressed } = ImageLayerCompression;
  const { Oci, Docker } = ImageMediaTypes;
  const layerTypes = [
    [Gzip, Oci, "application/vnd.oci.image.layer.v1.tar+gzip"],
    [Uncompressed, Oci, "application/vnd.oci.image.layer.v1.tar"],
    [Gzip, Docker, "application/vnd.docker.image.rootfs.diff.tar.gzip"],
    ...(hasZstd ? [[Zstd, Oci, "application/vnd.oci.image.layer.v1.tar+zstd"] as const] : []),
  ] as const;

  test.each(layerTypes)(
    "compression %s with media types %s",
    async (forcedCompression, mediaTypes, expected) => {
      const image = small();
      const tag = nonce();
      const published = await publish(image, `acme/layers:${tag}`, {
        forcedCompression,
        mediaTypes,
      });
      const { layers } = await reader.image("acme/layers", tag);
      expect(layers.map((layer) => layer.mediaType)).toEqual(layers.map(() => expected));
      const pulled = dag.container().from(published, { registryService: registry });
      expect(await pulled.file("/hello").contents()).toBe(await image.file("/hello").contents());
    },
  );

  test("without a tag it is latest", async () => {
    const published = await publish(small(), "acme/untagged");
    expect((await reader.manifest("acme/untagged", "latest")).digest).toBe(digestOf(published));
  });

  test("a large image without changes publishes again at once", async () => {
    const image = debian().withExec(sh("head -c 20000000 /dev/urandom > /big"));
    const first = await publish(image, "acme/big:1");
    const started = Date.now();
    expect(digestOf(await publish(image, "acme/big:2"))).toBe(digestOf(first));
    expect(Date.now() - started).toBeLessThan(5000);
  });
});

describe("what cannot be published or pulled", () => {
  test("a tag that is not there is an error that names it", async () => {
    const pulled = dag
      .container()
      .from(`${address}/acme/none:missing`, { registryService: registry });
    await expect(pulled.sync()).rejects.toThrow(/acme\/none:missing/);
  });

  test("a digest that is not there is an error that names it", async () => {
    const digest = `sha256:${"0".repeat(64)}`;
    const pulled = dag
      .container()
      .from(`${address}/acme/none@${digest}`, { registryService: registry });
    await expect(pulled.sync()).rejects.toThrow(digest);
  });

  test("a registry that nobody serves is an error that names it", async () => {
    await expect(small().publish("localhost:1/acme/app:v1")).rejects.toThrow(/localhost:1/);
  });

  test.each(["", "not an address", "localhost:5010/UPPER:1"])(
    "%j is no address",
    async (reference) => {
      await expect(small().publish(reference)).rejects.toThrow();
    },
  );
});

describe("registry credentials", () => {
  const guarded = "localhost:5011";
  let guard: Service;

  beforeAll(async () => {
    guard = await registryService({ port: 5011, user: "john" }).start();
  });

  afterAll(async () => {
    await guard.stop();
  });

  const withAuth = (container: Container, password = "open-sesame") =>
    container.withRegistryAuth(guarded, "john", dag.setSecret(nonce(), password));

  const target = { registryService: undefined as Service | undefined };
  beforeAll(() => {
    target.registryService = guard;
  });

  test("without them, with wrong ones, and with those taken back, publishing is refused", async () => {
    for (const container of [
      small(),
      withAuth(small(), "wrong-password"),
      withAuth(small()).withoutRegistryAuth(guarded),
    ]) {
      await expect(container.publish(`${guarded}/acme/app:no`, target)).rejects.toThrow(
        /401|unauthorized|denied/i,
      );
    }
  });

  test("with them, publishing and pulling work", async () => {
    const image = small();
    const published = await withAuth(image).publish(`${guarded}/acme/app:yes`, target);
    const pulled = withAuth(dag.container()).from(published, target);
    expect(await pulled.file("/hello").contents()).toBe(await image.file("/hello").contents());
  });

  test("the password does not appear in the error of a refused publish", async () => {
    const password = `wrong-${nonce()}`;
    const error: unknown = await withAuth(small(), password)
      .publish(`${guarded}/acme/app:no`, target)
      .catch((reason: unknown) => reason);
    expect(String(error)).not.toContain(password);
    expect(String(error)).not.toContain(Buffer.from(`john:${password}`).toString("base64"));
  });
});
