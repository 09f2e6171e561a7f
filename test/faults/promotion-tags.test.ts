import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { candidateTag } from "../../.dagger/src/candidate/model.ts";
import { type FrontedYard, frontedYard } from "../support/frontedYard.ts";
import { held, pushImage, pushIndex, seedImage, sha256 } from "../support/registryContent.ts";
import { only } from "../support/registryFaults.ts";
import { answers, type Fault, type RegistryFront } from "../support/registryFront.ts";
import {
  type RegistryProcess,
  type RunningRegistry,
  startReferrersRegistry,
  startRegistry,
} from "../support/registryProcess.ts";
import { distributionV3, referrersRegistry } from "../support/registryTools.ts";
import {
  promoteIn,
  publishIn,
  recoverIn,
  refusalOf,
  statusIn,
  type Yard,
} from "../support/shipyard.ts";

let registries: RegistryProcess[];
/** One that can remove a tag. */
let removing: RunningRegistry | undefined;
beforeAll(async () => {
  registries = await Promise.all([startRegistry(), startRegistry()]);
  const program = await distributionV3();
  removing = program ? await startRegistry({ program }) : await othersRegistry();
});
afterAll(async () => {
  await Promise.all(registries.map((registry) => registry.stop()));
  await removing?.stop();
});

async function othersRegistry(): Promise<RunningRegistry | undefined> {
  const program = await referrersRegistry();
  return program === undefined ? undefined : startReferrersRegistry(program);
}

const [old, next] = ["a".repeat(40), "b".repeat(40)] as const;
const origins = () => registries.map(({ origin }) => origin);

/** What each registry holds under a reference of a service. */
async function digests({ name }: Yard, service: string, reference: string): Promise<string[]> {
  const found = await Promise.all(
    origins().map((origin) => held(origin, `${name}/${service}`, `manifests/${reference}`)),
  );
  return found.map((bytes) => (bytes ? sha256(bytes) : "none"));
}

/** A fault that stays until the front's faults are cleared. */
function stays(front: RegistryFront, kind: RegExp, fault: Fault): void {
  const again: Fault = (incoming, answer) => {
    if (!only(kind, fault)(incoming, answer)) return false;
    front.faults.push(again);
    return true;
  };
  front.faults.push(again);
}

const denied = answers(403, { body: '{"errors":[{"code":"DENIED","message":"no"}]}' });

/** Every tag of prod holds what it held, and the ledger says so. */
async function expectHeld({ yard }: FrontedYard, commit: string | undefined): Promise<void> {
  const { holds, drift } = await statusIn(yard);
  expect(drift).toEqual([]);
  expect(holds?.commit).toBe(commit);
}

async function remove(origin: string, path: string): Promise<void> {
  const answer = await fetch(`${origin}/v2/${path}`, { method: "DELETE" });
  expect(answer.status).toBe(202);
}

describe.concurrent("a candidate that changes after it was verified", () => {
  it("goes as it was verified when its tag was moved", async () => {
    const own = await frontedYard(registries, [old, next]);
    const verified = await digests(own.yard, "backend", candidateTag(next));
    await promoteIn(own.yard, next, undefined, async () => {
      await Promise.all(
        origins().map((origin) =>
          seedImage(origin, `${own.yard.name}/backend`, "never verified", candidateTag(next)),
        ),
      );
    });
    expect(await digests(own.yard, "backend", candidateTag(next))).not.toEqual(verified);
    expect(await digests(own.yard, "backend", "prod")).toEqual(verified);
    await expectHeld(own, next);
    await own.stop();
  });

  it("goes as it was verified when its manifest was deleted", async () => {
    const own = await frontedYard(registries, [old, next]);
    const { name } = own.yard;
    const verified = await digests(own.yard, "backend", candidateTag(next));
    await promoteIn(own.yard, next, undefined, () =>
      remove(origins()[1] ?? "", `${name}/backend/manifests/${verified[1]}`),
    );
    expect(await digests(own.yard, "backend", "prod")).toEqual(verified);
    await expectHeld(own, next);
    await own.stop();
  });

  it("does not go, and no tag is touched, when its layers were deleted", async () => {
    const own = await frontedYard(registries, [old, next]);
    const { name } = own.yard;
    const layer = sha256(Buffer.from(`backend of ${next}`));
    const { code, message } = await refusalOf(
      promoteIn(own.yard, next, undefined, () =>
        remove(origins()[1] ?? "", `${name}/backend/blobs/${layer}`),
      ),
    );
    expect(code).toBe("PROMOTION_FAILED");
    expect(message).toMatch(/^nothing is promoted, no tag was touched: .*\[BLOB_NOT_FOUND\]/);
    expect(message).toContain(own.yard.registries.dockerhub);
    await expectHeld(own, old);
    await own.stop();
  });

  it("does not go, and no tag is touched, when its index has lost a child", async () => {
    const own = await frontedYard(registries, [old, next]);
    const repository = `${own.yard.name}/backend`;
    const layers = [new Uint8Array(Buffer.from("both"))];
    let child = "";
    for (const origin of origins()) {
      const images = [
        await pushImage(origin, repository, { layers, architecture: "amd64" }),
        await pushImage(origin, repository, { layers, architecture: "arm64" }),
      ];
      child = images[1]?.digest ?? "";
      await pushIndex(origin, repository, images, candidateTag(next));
    }
    await remove(origins()[1] ?? "", `${repository}/manifests/${child}`);
    const { code, message } = await refusalOf(promoteIn(own.yard, next));
    expect(code).toBe("PROMOTION_FAILED");
    expect(message).toMatch(
      /^nothing is promoted, no tag was touched: .*\/backend@sha256:.*\[BLOB_NOT_FOUND\]/,
    );
    await expectHeld(own, old);
    await own.stop();
  });
});

describe.concurrent("tags that others move", () => {
  it("stay theirs, the others are put back, and the next promotion brings them in line", async () => {
    const own = await frontedYard(registries, [old, next]);
    let theirs = "";
    own.fronts[1].faults.push(
      only(/^HEAD .*frontend\/manifests\/prod$/, (_, answer) => {
        void seedImage(
          origins()[1] ?? "",
          `${own.yard.name}/frontend`,
          "by someone else",
          "prod",
        ).then(({ digest }) => {
          theirs = digest;
          answer.writeHead(200, { "docker-content-digest": digest }).end();
        });
        return true;
      }),
    );
    const { code, message } = await refusalOf(promoteIn(own.yard, next));
    expect(code).toBe("PROMOTION_FAILED");
    expect(message).toContain("[TAG_CONFLICT]");
    expect(message).toMatch(/frontend:prod: held \w+, holds \w+: someone else moved it/);
    expect((await digests(own.yard, "frontend", "prod"))[1]).toBe(theirs);
    const { holds, drift } = await statusIn(own.yard);
    expect(holds?.commit).toBe(old);
    expect(drift).toEqual([
      expect.stringMatching(/frontend:prod holds .* promote or roll back to bring it in line/),
    ]);
    await promoteIn(own.yard, next);
    await expectHeld(own, next);
    await own.stop();
  });

  it("can't be moved at all where they are immutable, unless they hold the digest already", async () => {
    const own = await frontedYard(registries, [old, next]);
    const immutable = answers(400, {
      body: '{"errors":[{"code":"TAG_INVALID","message":"the tag is immutable"}]}',
    });
    stays(own.fronts[1], /^PUT .*\/prod$/, immutable);
    const { code, message } = await refusalOf(promoteIn(own.yard, next));
    expect(code).toBe("PROMOTION_FAILED");
    expect(message).toMatch(/every tag holds what it held before: .*the tag is immutable/);
    await expectHeld(own, old);
    expect((await promoteIn(own.yard, old)).outcome).toBe("unchanged");
    await own.stop();
  });
});

describe.concurrent("a registry that goes on telling what a tag held before", () => {
  it("has it written back, whatever it tells, and the message says that it was unconfirmed", async () => {
    const own = await frontedYard(registries, [old, next]);
    const [, before = ""] = await digests(own.yard, "frontend", "prod");
    stays(
      own.fronts[1],
      /^HEAD .*frontend\/manifests\/prod$/,
      answers(200, { headers: { "docker-content-digest": before } }),
    );
    const { code, message } = await refusalOf(promoteIn(own.yard, next));
    expect(code).toBe("PROMOTION_FAILED");
    expect(message).toMatch(/every tag holds what it held before: .*\[TAG_UNCONFIRMED\]/);
    own.fronts[1].faults.length = 0;
    expect((await digests(own.yard, "frontend", "prod"))[1]).toBe(before);
    await expectHeld(own, old);
    await own.stop();
  });

  it("is told as half promoted where the tag is new and can't be removed", async () => {
    const own = await frontedYard(registries, [next], { isNew: true });
    stays(own.fronts[1], /^HEAD .*frontend\/manifests\/prod$/, answers(404));
    const { code, message } = await refusalOf(promoteIn(own.yard, next));
    expect(code).toBe("PROMOTION_FAILED");
    expect(message).toMatch(/^HALF PROMOTED, .*\[TAG_UNCONFIRMED\]/);
    expect(message).toMatch(/frontend:prod: held nothing, was written, and does not read so/);
    own.fronts[1].faults.length = 0;
    await promoteIn(own.yard, next);
    await expectHeld(own, next);
    await own.stop();
  });
});

describe.concurrent("tags that are new", () => {
  it("are removed again where the registry can", async ({ skip }) => {
    if (!removing) return skip("no registry is here that removes tags");
    const own = await frontedYard([removing, registries[1]!], [next], { isNew: true });
    stays(own.fronts[1], /^PUT .*\/prod$/, denied);
    const { code, message } = await refusalOf(promoteIn(own.yard, next));
    expect(code).toBe("PROMOTION_FAILED");
    expect(message).toMatch(/^nothing is promoted, every tag holds what it held before: /);
    expect(message.match(/:prod: held nothing, holds nothing$/gm)).toHaveLength(6);
    own.fronts[1].faults.length = 0;
    await expectHeld(own, undefined);
    await promoteIn(own.yard, next);
    await expectHeld(own, next);
    await own.stop();
  });

  it("stay where it can't: each is named, and the same promotion finishes them", async () => {
    const own = await frontedYard(registries, [next], { isNew: true });
    stays(own.fronts[1], /^PUT .*\/prod$/, denied);
    const { code, message } = await refusalOf(promoteIn(own.yard, next));
    expect(code).toBe("PROMOTION_FAILED");
    expect(message).toMatch(/^HALF PROMOTED, some tags could not be put back: /);
    const { name, registries: hosts } = own.yard;
    for (const service of own.yard.services) {
      expect(message).toContain(
        `to repair it: remove the tag prod of ${hosts.ghcr}/${name}/${service} on the registry's own page`,
      );
      expect(message).toContain(
        `${hosts.dockerhub}/${name}/${service}:prod: held nothing, holds nothing`,
      );
    }
    own.fronts[1].faults.length = 0;
    const { drift } = await statusIn(own.yard);
    expect(drift).toEqual([expect.stringContaining("run: sluice call recover --channel prod")]);
    const refused = await refusalOf(recoverIn(own.yard));
    expect(refused.code).toBe("PROMOTION_INTERRUPTED");
    expect(refused.message).toContain("to repair it: remove the tag prod of");
    await promoteIn(own.yard, next);
    await expectHeld(own, next);
    await own.stop();
  });
});

describe.concurrent("tags that can't be put back", () => {
  it("are named with the command that repairs them, and recovery puts them back later", async () => {
    const own = await frontedYard(registries, [old, next]);
    const [before = ""] = await digests(own.yard, "backend", "prod");
    let writes = 0;
    stays(
      own.fronts[0],
      /^PUT .*backend\/manifests\/prod$/,
      (incoming, answer) => ++writes > 1 && denied(incoming, answer),
    );
    stays(own.fronts[1], /^PUT .*frontend\/manifests\/prod$/, denied);
    const { code, message } = await refusalOf(promoteIn(own.yard, next));
    expect(code).toBe("PROMOTION_FAILED");
    expect(message).toMatch(/^HALF PROMOTED, /);
    const image = `${own.yard.registries.ghcr}/${own.yard.name}/backend`;
    expect(message).toContain(`to repair it: crane tag ${image}@${before} prod`);
    expect(message.match(/to repair it/g)).toHaveLength(1);
    for (const front of own.fronts) front.faults.length = 0;
    expect(await recoverIn(own.yard)).toMatch(/is undone: every tag holds what it held before/);
    await expectHeld(own, old);
    await own.stop();
  });
});

describe.concurrent("a promotion of what is there already", () => {
  it("writes nothing", async () => {
    const own = await frontedYard(registries, [old, next]);
    await promoteIn(own.yard, next);
    own.forget();
    const { outcome } = await promoteIn(own.yard, next);
    expect(outcome).toBe("unchanged");
    expect(own.writes()).toEqual([]);
    await own.stop();
  });

  it("is no such thing when one tag has been moved since", async () => {
    const own = await frontedYard(registries, [old, next]);
    await publishIn(own.yard, origins(), old);
    await seedImage(origins()[0] ?? "", `${own.yard.name}/scraper`, "drifted", "prod");
    expect((await promoteIn(own.yard, old)).outcome).toBe("moved");
    await expectHeld(own, old);
    await own.stop();
  });
});
