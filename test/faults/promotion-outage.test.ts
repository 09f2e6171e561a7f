import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { doorTo } from "../support/door.ts";
import { frontedYard } from "../support/frontedYard.ts";
import { type RegistryProcess, startRegistry } from "../support/registryProcess.ts";
import { promoteIn, recoverIn, refusalOf, statusIn } from "../support/shipyard.ts";

let registries: RegistryProcess[];
beforeAll(async () => {
  registries = await Promise.all([startRegistry(), startRegistry()]);
});
afterAll(() => Promise.all(registries.map((registry) => registry.stop())));

const [old, next] = ["a".repeat(40), "b".repeat(40)] as const;

/** Promotes while one registry refuses every connection, from a request on. */
async function promoteUntil(
  downs: "ghcr" | "dockerhub",
  kind: RegExp,
): Promise<{ code: string; message: string; drift: string[]; seenTo: string | undefined }> {
  const own = await frontedYard(registries, [old, next], { isNew: true });
  const doors = await Promise.all(own.fronts.map((front) => doorTo(front.host)));
  const [ghcr, dockerhub] = doors;
  if (!ghcr || !dockerhub) throw new Error("there are two doors");
  const yard = {
    ...own.yard,
    registries: { ghcr: ghcr.host, dockerhub: dockerhub.host },
  };
  await promoteIn(yard, old);
  const [index, door] = downs === "ghcr" ? [0, ghcr] : [1, dockerhub];
  let isDown = false;
  own.fronts[index]?.faults.push((incoming) => {
    if (isDown || !kind.test(`${incoming.method ?? ""} ${incoming.url ?? ""}`)) return false;
    isDown = true;
    door.shut();
    return true;
  });
  const refusal = await refusalOf(promoteIn(yard, next));
  expect(isDown).toBe(true);
  await door.open();
  const { drift, holds } = await statusIn(yard);
  expect(holds?.commit).toBe(old);
  const seenTo = await recoverIn(yard);
  const after = await statusIn(yard);
  expect(after).toMatchObject({ holds: { commit: old }, drift: [] });
  await promoteIn(yard, next);
  expect(await statusIn(yard)).toMatchObject({ holds: { commit: next }, drift: [] });
  for (const one of doors) one.shut();
  await own.stop();
  return { ...refusal, drift, seenTo };
}

describe.concurrent("a registry that goes down for good in the middle of a promotion", () => {
  it("leaves what it has to recovery; the other registry's tags are put back at once", async () => {
    const { code, message, drift, seenTo } = await promoteUntil("dockerhub", /^PUT .*\/prod$/);
    expect(code).toBe("PROMOTION_FAILED");
    expect(message).toMatch(/^HALF PROMOTED, .*ECONNREFUSED/);
    expect(message.match(/:prod: held (\w+), holds \1$/gm)).toHaveLength(3);
    expect(message.match(/holds unknown \(.*ECONNREFUSED.*\)$/gm)).toHaveLength(3);
    expect(drift).toEqual([expect.stringContaining("run: sluice call recover --channel prod")]);
    expect(seenTo).toMatch(/is undone: every tag holds what it held before/);
  });

  it("leaves all to recovery when it has the ledger, too", async () => {
    const { code, message, drift, seenTo } = await promoteUntil("ghcr", /^PUT .*\/prod$/);
    expect(code).toBe("PROMOTION_FAILED");
    expect(message).toMatch(/^HALF PROMOTED, .*ECONNREFUSED/);
    expect(message.match(/:prod: held (\w+), holds \1$/gm)).toHaveLength(3);
    expect(drift).toHaveLength(1);
    expect(seenTo).toMatch(/is undone: every tag holds what it held before/);
  });

  it("leaves nothing to see to before any tag has moved", async () => {
    const trial = /^PUT .*frontend\/manifests\/sha256/;
    const { code, message, drift, seenTo } = await promoteUntil("dockerhub", trial);
    expect(code).toBe("PROMOTION_FAILED");
    expect(message).toMatch(/^nothing is promoted, no tag was touched: .*ECONNREFUSED/);
    expect(drift).toEqual([]);
    expect(seenTo).toBeUndefined();
  });
});
