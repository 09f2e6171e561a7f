import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FrontedYard, frontedYard } from "../support/frontedYard.ts";
import { held, pushBlob, pushManifest, seedImage, sha256 } from "../support/registryContent.ts";
import { type RegistryProcess, startRegistry } from "../support/registryProcess.ts";
import { startPromotion } from "../support/promotionRun.ts";
import { promoteIn, recoverIn, refusalOf, statusIn } from "../support/shipyard.ts";

let registries: RegistryProcess[];
beforeAll(async () => {
  registries = await Promise.all([startRegistry(), startRegistry()]);
});
afterAll(() => Promise.all(registries.map((registry) => registry.stop())));

const [old, next, third] = ["a".repeat(40), "b".repeat(40), "c".repeat(40)] as const;
const OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";

interface RecordManifest {
  layers: [{ digest: string; size: number; data?: string }];
  annotations: Record<string, string>;
}

/** Writes something else in the place of the last record, as nobody should. */
async function tamper(
  { yard: { name } }: FrontedYard,
  change: (manifest: RecordManifest, record: string) => { record?: string },
): Promise<void> {
  const { origin = "" } = registries[0] ?? {};
  const repository = `${name}/${name}-ledger`;
  const bytes = await held(origin, repository, "manifests/channel.prod.head");
  const manifest = JSON.parse(bytes?.toString() ?? "") as RecordManifest;
  const [layer] = manifest.layers;
  const { record } = change(manifest, Buffer.from(layer.data ?? "", "base64").toString());
  if (record !== undefined) {
    const content = new Uint8Array(Buffer.from(record));
    await pushBlob(origin, repository, content);
    Object.assign(layer, {
      digest: sha256(content),
      size: content.length,
      data: Buffer.from(content).toString("base64"),
    });
  }
  const sequence = manifest.annotations["dev.sluice.sequence"] ?? "";
  for (const tag of [`channel.prod.${sequence}`, "channel.prod.head"]) {
    await pushManifest(origin, repository, OCI_MANIFEST, JSON.stringify(manifest), tag);
  }
}

/** Neither a promotion nor recovery does anything, and both say why. */
async function expectRefused(own: FrontedYard, wanted: string, why: RegExp): Promise<void> {
  own.forget();
  for (const run of [() => promoteIn(own.yard, next), () => recoverIn(own.yard)]) {
    const { code, message } = await refusalOf(run());
    expect(code).toBe(wanted);
    expect(message).toMatch(why);
    expect(message).toContain("Next: ");
  }
  expect(own.writes()).toEqual([]);
}

describe.concurrent("a journal", () => {
  it("that can't be read stops every run before anything moves", async () => {
    const own = await frontedYard(registries, [old, next]);
    await tamper(own, () => ({ record: "{ no JSON" }));
    await expectRefused(own, "LEDGER_RECORD_INVALID", /channel\.prod\.\d+: expected a record/);
    await own.stop();
  });

  it("of another version stops every run before anything moves", async () => {
    const own = await frontedYard(registries, [old, next]);
    await tamper(own, (_, record) => ({ record: record.replace('"version":1', '"version":2') }));
    await expectRefused(own, "LEDGER_RECORD_INVALID", /version: .*\n.*use the newest Sluice/);
    await own.stop();
  });

  it("of another pipeline stops every run before anything moves", async () => {
    const own = await frontedYard(registries, [old, next]);
    await tamper(own, ({ annotations }) => {
      annotations["dev.sluice.pipeline"] = "bakery";
      return {};
    });
    await expectRefused(
      own,
      "LEDGER_FOREIGN",
      /expected a record of pipeline \w+, got one of bakery/,
    );
    await own.stop();
  });

  it("in whose place is an image stops every run before anything moves", async () => {
    const own = await frontedYard(registries, [old, next]);
    const { name } = own.yard;
    const { origin = "" } = registries[0] ?? {};
    await seedImage(origin, `${name}/${name}-ledger`, "an image", "channel.prod.head");
    await expectRefused(own, "LEDGER_RECORD_INVALID", /it is no record/);
    await own.stop();
  });
});

/** Lets a process believe that it is another time. */
function clockOff(hours: number): string[] {
  const shifted = `const RealDate = Date;
    globalThis.Date = class extends RealDate {
      constructor(...given) {
        if (given.length > 0) super(...given);
        else super(RealDate.now() + ${hours * 3_600_000});
      }
      static now() { return RealDate.now() + ${hours * 3_600_000}; }
    };`;
  return ["--import", `data:text/javascript,${encodeURIComponent(shifted)}`];
}

describe.concurrent("machines whose clocks are wrong", () => {
  it("promote after each other: what was written last counts, whatever its time", async () => {
    const own = await frontedYard(registries, [old, next, third]);
    expect((await startPromotion(own.yard, next, clockOff(48)).ended).code).toBe(0);
    const ahead = await statusIn(own.yard);
    expect(Date.parse(ahead.since ?? "") - Date.now()).toBeGreaterThan(47 * 3_600_000);
    expect(ahead).toMatchObject({ holds: { commit: next }, drift: [] });
    expect((await startPromotion(own.yard, third, clockOff(-48)).ended).code).toBe(0);
    const behind = await statusIn(own.yard);
    expect(Date.parse(behind.since ?? "") - Date.now()).toBeLessThan(-47 * 3_600_000);
    expect(behind).toMatchObject({ holds: { commit: third }, drift: [] });
    await promoteIn(own.yard, old);
    expect(await statusIn(own.yard)).toMatchObject({ holds: { commit: old }, drift: [] });
    await own.stop();
  });
});
