import { readFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { findCandidate } from "../../.dagger/src/candidate/find.ts";
import { imagesTagged } from "../../.dagger/src/candidate/tagged.ts";
import { type ReleaseAsset, releaseAssets } from "../../.dagger/src/files/assets.ts";
import { writeFiles } from "../../.dagger/src/files/download.ts";
import { releasedFiles } from "../../.dagger/src/files/wanted.ts";
import { publishCandidate } from "../../.dagger/src/publish/publish.ts";
import { RegistryClient } from "../../.dagger/src/registry/client.ts";
import { sha256, tagsOf } from "../support/registryContent.ts";
import { always, only } from "../support/registryFaults.ts";
import { answers, frontOf, type RegistryFront } from "../support/registryFront.ts";
import { type RegistryProcess, startRegistry } from "../support/registryProcess.ts";
import { firmware, placeIn, publishFiles } from "../support/releasedFiles.ts";
import { scratch } from "../support/scratch.ts";
import {
  inYard,
  promoteIn,
  publishIn,
  refusalOf,
  rollbackIn,
  statusIn,
  type Yard,
} from "../support/shipyard.ts";

const [first, second] = ["a".repeat(40), "b".repeat(40)];
const all = ["backend", "frontend", "firmware"];

let registries: RegistryProcess[];
let fronts: RegistryFront[];
beforeAll(async () => {
  registries = await Promise.all([startRegistry(), startRegistry()]);
});
afterAll(() => Promise.all(registries.map((registry) => registry.stop())));
beforeEach(async () => {
  fronts = await Promise.all(registries.map(({ origin }) => frontOf(origin)));
});
afterEach(() => Promise.all(fronts.map((front) => front.stop())));

/** Two containers and files, in two registries. */
function yard(name: string): Yard {
  const [ghcr = "", dockerhub = ""] = fronts.map(({ host }) => host);
  return {
    ...{ name, services: ["backend", "frontend"], registries: { ghcr, dockerhub } },
    files: { firmware: Object.keys(firmware) },
  };
}

/** Publishes all of a commit everywhere; answers the digest of the files. */
async function publish(own: Yard, commit: string): Promise<string> {
  await publishIn(
    own,
    registries.map(({ origin }) => origin),
    commit,
  );
  const contents = { ...firmware, "firmware.map": `main of ${commit}\n` };
  const digests = await Promise.all(
    registries.map((one) => publishFiles(placeIn(one, `${own.name}/firmware`), commit, contents)),
  );
  expect(new Set(digests).size).toBe(1);
  return digests[0] ?? "";
}

/** What prod holds in each registry, asked without the fronts, by service. */
async function held({ name }: Yard): Promise<Record<string, (string | undefined)[]>> {
  const entries = all.map(async (service) => {
    const heads = registries.map(({ host }) =>
      new RegistryClient({ host }).head(`${name}/${service}`, "prod"),
    );
    return [service, await Promise.all(heads)] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

describe("files beside containers", () => {
  it("are promoted with them, in every registry, and shown by the status", async () => {
    const own = yard("together");
    const digest = await publish(own, first);
    const promotion = await promoteIn(own, first);
    expect(promotion.moves).toHaveLength(6);
    expect((await held(own)).firmware).toEqual([digest, digest]);
    const { refs, drift } = await statusIn(own);
    expect(drift).toEqual([]);
    expect(refs.filter(({ service }) => service === "firmware")).toMatchObject([
      { registry: "ghcr", digest, recorded: digest },
      { registry: "dockerhub", digest, recorded: digest },
    ]);
    expect((await promoteIn(own, first)).outcome).toBe("unchanged");
  });

  it("are put back with them when one registry refuses the files' tag", async () => {
    const own = yard("refused");
    await publish(own, first);
    await publish(own, second);
    await promoteIn(own, first);
    const before = await held(own);
    fronts[1]?.faults.push(...always(only(/^PUT .*\/firmware\/manifests\/prod$/, answers(403))));
    const { code, message } = await refusalOf(promoteIn(own, second));
    expect(code).toBe("PROMOTION_FAILED");
    expect(message).toMatch(/^nothing is promoted, every tag holds what it held before: .*403/);
    expect(await held(own)).toEqual(before);
  });

  it("are put back when a container can't be moved", async () => {
    const own = yard("container-refused");
    await publish(own, first);
    await publish(own, second);
    await promoteIn(own, first);
    const before = await held(own);
    fronts[0]?.faults.push(...always(only(/^PUT .*\/backend\/manifests\/prod$/, answers(403))));
    const { code } = await refusalOf(promoteIn(own, second));
    expect(code).toBe("PROMOTION_FAILED");
    expect(await held(own)).toEqual(before);
  });

  it("are rolled back with them", async () => {
    const own = yard("back");
    const old = await publish(own, first);
    const next = await publish(own, second);
    await promoteIn(own, first);
    await promoteIn(own, second);
    expect((await held(own)).firmware).toEqual([next, next]);
    await rollbackIn(own);
    expect((await held(own)).firmware).toEqual([old, old]);
  });

  it("are part of their candidate, which is incomplete without them", async () => {
    const own = yard("incomplete");
    await publishIn(
      own,
      registries.map(({ origin }) => origin),
      first,
    );
    const { code, message } = await inYard(own, ({ pipeline, registries }) =>
      refusalOf(findCandidate(pipeline, registries, first)),
    );
    expect(code).toBe("CANDIDATE_INCOMPLETE");
    expect(message).toContain(`/incomplete/firmware:sha-${first}`);
  });

  it("are brought to the registry that lacks them, and built no second time", async () => {
    const own = yard("lacking");
    const digest = await publish(own, first);
    await registries[1]?.removeTag("lacking/firmware", `sha-${first}`);
    const told: string[] = [];
    const candidate = await inYard(own, ({ pipeline, registries }) =>
      publishCandidate({
        ...{ pipeline, registries, revision: { commit: first, changed: [] } },
        build: () => Promise.reject(new Error("nothing has to be built")),
        onProgress: (line) => told.push(line),
      }),
    );
    expect(candidate.services.find(({ name }) => name === "firmware")?.digest).toBe(digest);
    expect(told).toEqual([expect.stringMatching(/\/lacking\/firmware:sha-a+ is copied from /)]);
    expect(await tagsOf(registries[1]?.origin ?? "", "lacking/firmware")).toEqual([`sha-${first}`]);
  });

  it("say which commit they are of, where they are verified by a tag", async () => {
    const own = { ...yard("tagged"), services: [] };
    const digest = await publish(own, second);
    await promoteIn(own, second);
    const selection = await inYard(own, ({ pipeline, registries }) =>
      imagesTagged(pipeline, registries.named(), "prod"),
    );
    expect(selection).toMatchObject({ commit: second, registry: "ghcr" });
    expect(selection.images.firmware?.ref).toMatch(new RegExp(`/tagged/firmware@${digest}$`));
  });
});

describe("released files are found", () => {
  it("by the channel that holds them, and by their commit", async () => {
    const own = yard("found");
    const old = await publish(own, first);
    const next = await publish(own, second);
    await promoteIn(own, first);
    await inYard(own, async (release) => {
      const byChannel = await releasedFiles(release, { channel: "prod" });
      expect(byChannel.digest).toBe(old);
      const wanted = { commit: second, service: "firmware", registry: "dockerhub" };
      const byCommit = await releasedFiles(release, wanted);
      expect(byCommit.digest).toBe(next);
      expect(byCommit.place.client.host).toBe(fronts[1]?.host);
      const folder = await scratch();
      await writeFiles(byCommit.place, byCommit.digest, folder);
      expect(await readFile(`${folder}/firmware.map`, "utf8")).toBe(`main of ${second}\n`);
    });
  });

  it.each([
    [{ service: "backend" }, "SERVICE_UNKNOWN", "backend is no files, but a container"],
    [{ service: "firmwar" }, "SERVICE_UNKNOWN", 'no service "firmwar"; did you mean "firmware"'],
    [{ channel: "prod" }, "CHANNEL_EMPTY", "prod holds nothing yet: there are no files"],
    [{ channel: "pro" }, "CHANNEL_UNKNOWN", 'no channel "pro"'],
    [{ commit: first }, "CANDIDATE_NOT_FOUND", "was never published"],
    [{ channel: "prod", commit: first }, "ARGUMENTS_INVALID", "can't be used together"],
    [{ commit: first, registry: "quay" }, "REGISTRY_UNKNOWN", 'no registry "quay"'],
  ])("unless they are asked for by %o", async (wanted, expected, words) => {
    const { code, message } = await inYard(yard("unfound"), (release) =>
      refusalOf(releasedFiles(release, wanted)),
    );
    expect(code).toBe(expected);
    expect(message).toContain(words);
  });

  it("unless none is meant, or more than one", async () => {
    const none = { ...yard("none"), files: {} };
    const two = { ...yard("two"), files: { "board-a": ["f.bin"], "board-b": ["f.bin"] } };
    const ask = (own: Yard) =>
      inYard(own, (release) => refusalOf(releasedFiles(release, { channel: "prod" })));
    expect((await ask(none)).message).toContain("has no service that is files; which is meant?");
    expect((await ask(two)).message).toContain("name one of: board-a, board-b");
  });
});

describe("assets of a release", () => {
  /** The assets of a commit; each is what it says that it is. */
  async function assetsOf(own: Yard, commit: string): Promise<ReleaseAsset[]> {
    const folder = await scratch();
    const assets = await inYard(own, async ({ pipeline, registries }) => {
      const { candidate } = await findCandidate(pipeline, registries, commit);
      const digests = candidate.services.map(({ name, digest }) => [name, digest] as const);
      return releaseAssets({ pipeline, registries }, Object.fromEntries(digests), folder);
    });
    for (const { path, size, sha256: expected } of assets) {
      const bytes = await readFile(path);
      expect([bytes.length, sha256(bytes)]).toEqual([size, `sha256:${expected}`]);
    }
    return assets;
  }

  it("are the files under their own names", async () => {
    const own = yard("assets");
    await publish(own, first);
    const assets = await assetsOf(own, first);
    expect(assets.map(({ name }) => name)).toEqual(["firmware.bin", "firmware.map"]);
    const [image] = assets;
    expect(image?.sha256).toBe(sha256(Buffer.from(firmware["firmware.bin"])).slice(7));
    expect(image?.size).toBe(13);
  });

  it("are told apart by their services where those share a name", async () => {
    const own = {
      ...yard("boards"),
      services: [],
      files: { "board-a": ["f.bin"], "board-b": ["f.bin", "f.map"] },
    };
    for (const registry of registries) {
      const place = (name: string) => placeIn(registry, `boards/${name}`);
      await publishFiles(place("board-a"), first, { "f.bin": "a" });
      await publishFiles(place("board-b"), first, { "f.bin": "bb", "f.map": "b" });
    }
    const assets = await assetsOf(own, first);
    const named = assets.map(({ name, size }) => [name, size]);
    expect(named).toEqual([
      ["board-a_f.bin", 1],
      ["board-b_f.bin", 2],
      ["board-b_f.map", 1],
    ]);
  });

  it("are none where no service is files", async () => {
    const own = { ...yard("plain"), files: {} };
    await publishIn(
      own,
      registries.map(({ origin }) => origin),
      first,
    );
    expect(await assetsOf(own, first)).toEqual([]);
  });
});
