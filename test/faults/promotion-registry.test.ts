import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ChannelStatus } from "../../.dagger/src/status/model.ts";
import { type FrontedYard, frontedYard } from "../support/frontedYard.ts";
import {
  answers,
  type Fault,
  hangs,
  hangsUp,
  type RegistryFront,
} from "../support/registryFront.ts";
import { type RegistryProcess, startRegistry } from "../support/registryProcess.ts";
import { cutsBody, losesReply, namesOtherDigest, writesTwice } from "../support/registryRetold.ts";
import { promoteIn, recoverIn, refusalOf, statusIn } from "../support/shipyard.ts";

let registries: RegistryProcess[];
beforeAll(async () => {
  registries = await Promise.all([startRegistry(), startRegistry()]);
});
afterAll(() => Promise.all(registries.map((registry) => registry.stop())));

/** Whether a request is the one that a fault waits for; each promotion gets a new one. */
type Step = (pipeline: string) => (request: string) => boolean;

/** Steps of a promotion, in their order, and which registry is asked. The first one has the ledger. */
const steps: Record<string, { at: 0 | 1; step: Step }> = {
  "read of what the tag holds": { at: 1, step: (name) => matching(`GET ${tag(name)}`) },
  "trial write": { at: 1, step: (name) => matching(`PUT /v2/${name}/frontend/manifests/sha256:`) },
  "journal's blob": { at: 0, step: (name) => matching(`PUT /v2/${name}/${name}-ledger/blobs/`) },
  "journal's record": {
    at: 0,
    step: (name) => {
      const records = recordsOf(name);
      return (request) => records(request) === 1;
    },
  },
  "look before the move": {
    at: 1,
    step: (name) => {
      const written = since(`PUT ${tag(name)}`);
      return (request) => !written(request) && request === `HEAD ${tag(name)}`;
    },
  },
  "write of the tag": { at: 1, step: (name) => matching(`PUT ${tag(name)}`) },
  "read back of the tag": {
    at: 1,
    step: (name) => {
      const written = since(`PUT ${tag(name)}`);
      return (request) => written(request) && request === `HEAD ${tag(name)}`;
    },
  },
  "finishing record": {
    at: 0,
    step: (name) => {
      const records = recordsOf(name);
      return (request) => records(request) === 2;
    },
  },
};

const tag = (pipeline: string) => `/v2/${pipeline}/frontend/manifests/prod`;

function matching(start: string): (request: string) => boolean {
  return (request) => request.startsWith(start);
}

/** Whether a request was seen, now or before. */
function since(start: string): (request: string) => boolean {
  let seen = false;
  return (request) => (seen ||= request.startsWith(start));
}

/** Which of a promotion's records a request writes; undefined for other requests. */
function recordsOf(pipeline: string): (request: string) => number | undefined {
  const start = `PUT /v2/${pipeline}/${pipeline}-ledger/manifests/channel.prod.`;
  const seen: string[] = [];
  return (request) => {
    if (!request.startsWith(start) || request.endsWith(".head")) return undefined;
    if (!seen.includes(request)) seen.push(request);
    return seen.indexOf(request) + 1;
  };
}

const json = { "content-type": "application/json" };
const says = (code: string) => ({ headers: json, body: `{"errors":[{"code":"${code}"}]}` });

/** What goes wrong; each is given the registry that would have answered. */
const faults: Record<string, (origin: string) => Fault> = {
  "connection refused": () => hangsUp(),
  "no answer": () => hangs(),
  "reset in the middle": () => (incoming, answer) => {
    incoming.resume();
    answer.writeHead(200, { "content-length": 1000 });
    answer.write("{", () => answer.destroy());
    return true;
  },
  "401": () => answers(401, says("UNAUTHORIZED")),
  "403": () => answers(403, says("DENIED")),
  "404": () => answers(404, says("NAME_UNKNOWN")),
  "429": () => answers(429, says("TOOMANYREQUESTS")),
  "429 for a second": () => answers(429, { headers: { "retry-after": "1" } }),
  "500": () => answers(500, { body: "<html>oops</html>" }),
  "502": () => answers(502),
  "503": () => answers(503, says("UNAVAILABLE")),
  "wrong digest": namesOtherDigest,
  "truncated answer": cutsBody,
  "written twice": writesTwice,
  "reply lost": losesReply,
};

/** How promotions end that do not succeed, by step and fault; all others succeed. */
const ends: Record<string, Record<string, End>> = {
  "read of what the tag holds": { "401": "untouched", "403": "untouched", "404": "put back" },
  "trial write": {
    ...{ "401": "untouched", "403": "untouched", "404": "untouched" },
    "wrong digest": "untouched",
  },
  "journal's blob": { "401": "untouched", "403": "untouched" },
  "journal's record": {
    ...{ "401": "untouched", "403": "untouched", "404": "untouched" },
    "wrong digest": "untouched",
  },
  "look before the move": { "401": "put back", "404": "put back", "wrong digest": "put back" },
  "write of the tag": {
    ...{ "401": "put back", "403": "put back", "404": "put back" },
    "wrong digest": "put back",
  },
  "read back of the tag": { "401": "put back" },
  "finishing record": {
    ...{ "401": "put back", "403": "put back", "404": "put back" },
    "wrong digest": "put back",
  },
};
/** How they end when the fault stays. */
const endsForGood: Record<string, End> = {
  "read of what the tag holds": "untouched",
  // That the registry has the manifest already is all that a trial can show.
  "trial write": "promoted",
  "journal's blob": "untouched",
  "journal's record": "untouched",
  "look before the move": "put back",
  "write of the tag": "put back",
  "read back of the tag": "half promoted",
  "finishing record": "put back",
};

const commits = ["a".repeat(40), "b".repeat(40)] as const;

/** A place, and what prod held there when it was last looked at. */
interface Place extends FrontedYard {
  holds: ChannelStatus["holds"];
}

type End = "promoted" | "untouched" | "put back" | "half promoted";

/**
 * Promotes what prod does not hold while a fault strikes at a step. Whatever became of it, every tag
 * is old or every tag is new, or the next run makes it so; and the message said it. Answers which.
 */
async function struck(own: Place, where: string, what: string, forGood = false): Promise<End> {
  const { yard, fronts, holds } = own;
  const [wanted = ""] = commits.filter((commit) => commit !== holds?.commit);
  const { at, step } = steps[where] ?? nothing(where);
  const strikes = strikeAt(
    fronts[at],
    step(yard.name),
    (faults[what] ?? nothing(what))(registries[at]?.origin ?? ""),
    forGood,
  );
  for (const front of fronts) front.seen.length = 0;
  const patience = what === "no answer" ? { timeoutMs: 2500 } : {};
  const failure = await promoteIn({ ...yard, ...patience }, wanted).then(
    () => undefined,
    (error: unknown) => refusalOf(Promise.reject(error as Error)),
  );
  expect(strikes.count, "times that the fault struck").toBeGreaterThan(0);
  for (const front of fronts) front.faults.length = 0;
  const wrote = fronts.flatMap(({ seen }) => seen).some((line) => /^PUT .*prod$/.test(line));
  const end = endOf(failure, wrote);
  const after = await statusIn(yard);
  if (end === "promoted") expect(after).toMatchObject({ holds: { commit: wanted }, drift: [] });
  else expect(after.holds).toEqual(holds);
  if (end === "put back" || end === "half promoted") {
    for (const { ref } of after.refs) expect(failure?.message).toContain(`${ref}: held `);
  }
  own.holds = after.holds;
  if (after.drift.length === 0) return end;
  // The next run: either the same promotion, or recovery.
  expect(after.drift).toEqual([
    expect.stringMatching(
      /that was cut off is neither finished nor undone; run: sluice call recover/,
    ),
  ]);
  if (Object.keys(faults).indexOf(what) % 2 === 0) await promoteIn(yard, wanted);
  else expect(await recoverIn(yard)).toMatch(/is undone: every tag holds what it held before/);
  const mended = await statusIn(yard);
  expect(mended.drift).toEqual([]);
  own.holds = mended.holds;
  return end;
}

function endOf(failure: { code: string; message: string } | undefined, wrote: boolean): End {
  if (!failure) return "promoted";
  expect(failure.message).toContain(`[${failure.code}]`);
  if (!wrote) {
    expect(failure.code).toMatch(
      /^(?:PROMOTION_FAILED$|REGISTRY_|LEDGER_|MANIFEST_|DIGEST_|REFERRERS_)/,
    );
    return "untouched";
  }
  expect(failure.code).toBe("PROMOTION_FAILED");
  if (failure.message.startsWith("HALF PROMOTED")) return "half promoted";
  expect(failure.message).toMatch(/^nothing is promoted, every tag holds what it held before: /);
  return "put back";
}

/** Lets a fault strike at a front, once or from then on. */
function strikeAt(
  front: RegistryFront,
  isStep: (request: string) => boolean,
  fault: Fault,
  forGood: boolean,
): { count: number } {
  const strikes = { count: 0 };
  const strike: Fault = (incoming, answer) => {
    if (!isStep(`${incoming.method ?? ""} ${incoming.url ?? ""}`)) return false;
    strikes.count++;
    if (forGood) front.faults.push(strike);
    return fault(incoming, answer);
  };
  front.faults.push(strike);
  return strikes;
}

function nothing(name: string): never {
  throw new Error(`there is no ${name}`);
}

describe.concurrent("a promotion whose registry fails it", () => {
  it.each(Object.keys(steps))("at the %s", async (where) => {
    const fronted = await frontedYard(registries, commits);
    const { holds } = await statusIn(fronted.yard);
    const own: Place = { ...fronted, holds };
    const found: Record<string, End> = {};
    for (const what of Object.keys(faults)) {
      const end = await struck(own, where, what);
      if (end !== "promoted") found[what] = end;
    }
    expect(found).toEqual(ends[where]);
    for (const what of ["connection refused", "503"]) {
      expect(await struck(own, where, what, true), `${what} for good`).toBe(endsForGood[where]);
    }
    await own.stop();
  });
});
