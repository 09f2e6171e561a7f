import { describe, expect, it } from "vitest";
import { channelStream, commitStream } from "../../.dagger/src/ledger/streams.ts";
import { approval, COMMIT, ledgerAt, notesOf } from "../support/ledgers.ts";
import {
  type RunningRegistry,
  startReferrersRegistry,
  startRegistry,
} from "../support/registryProcess.ts";
import { distributionV3, referrersRegistry } from "../support/registryTools.ts";

const v3 = await distributionV3();
const other = await referrersRegistry();
const registries: [name: string, start: (() => Promise<RunningRegistry>) | undefined][] = [
  ["distribution 2.8", () => startRegistry()],
  ["distribution 3", v3 === undefined ? undefined : () => startRegistry({ program: v3 })],
  ["go-containerregistry", other === undefined ? undefined : () => startReferrersRegistry(other)],
];

describe.each(registries)("a ledger in %s", (_, start) => {
  it.skipIf(start === undefined)("keeps records and files, and lists its streams", async () => {
    const registry = await start!();
    try {
      const ledger = ledgerAt(registry.host);
      const prod = channelStream("prod");
      expect(await ledger.head(prod)).toBeUndefined();
      expect(await ledger.streams()).toEqual([]);
      const one = await ledger.append(prod, approval("one"), { expect: null });
      const files = { "junit.xml": "<testsuites/>" };
      const two = await ledger.append(prod, approval("two"), { expect: one.digest, files });
      const both = ["a", "b"].map((note) => ledger.append(commitStream(COMMIT), approval(note)));
      await Promise.all(both);

      expect(await ledger.history(prod)).toEqual([two, one]);
      expect(Buffer.from((await ledger.files(two))["junit.xml"]!).toString()).toBe("<testsuites/>");
      expect(notesOf(await ledger.history(commitStream(COMMIT))).toSorted()).toEqual(["a", "b"]);
      expect(await ledger.streams()).toEqual([prod, commitStream(COMMIT)]);
      for (const stream of await ledger.streams()) expect(await ledger.check(stream)).toEqual([]);
      await expect(
        ledger.append(prod, approval("three"), { expect: one.digest }),
      ).rejects.toMatchObject({ code: "LEDGER_CONFLICT" });
    } finally {
      await registry.stop();
    }
  });
});
