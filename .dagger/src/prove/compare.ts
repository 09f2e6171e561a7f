import type { PipelineVersion } from "../pipeline/model.ts";
import { systemClock, type Clock } from "../verify/clock.ts";
import { attempt } from "../verify/probe/attempt.ts";
import { get as httpGet, type Get } from "../verify/probe/http.ts";
import { below, publicUrl } from "./address.ts";
import type { Comparison } from "./compare-model.ts";
import { rowsOf } from "./compare-rows.ts";
import { readVersion, sameCommit } from "./version.ts";

export type { Comparison } from "./compare-model.ts";

/** Longest wait for one place; milliseconds. */
const PATIENCE_MS = 5000;

/** A place to ask. */
export interface ComparedPlace {
  /** What it is called: `live`, `staging/2`. */
  place: string;
  /** Where its users find it. */
  url: string;
  version: PipelineVersion;
}

/** Of what is from outside; for tests. */
export interface CompareOptions {
  clock?: Clock;
  get?: Get;
  signal?: AbortSignal;
  /** Default 5 seconds for each place; milliseconds. */
  timeoutMs?: number;
  /** Takes secrets out of answers. */
  scrub?: (text: string) => string;
}

type Told = Comparison["places"][number];

/**
 * Asks all places at once what they run, and lays their answers side by side. A place that can't be
 * reached, or says nothing that can be read, is told as such.
 *
 * @throws SluiceError `TARGET_URL_INVALID`
 */
export async function compareVersions(
  places: readonly ComparedPlace[],
  { clock = systemClock, scrub = (text) => text, ...asking }: CompareOptions = {},
): Promise<Comparison> {
  const told = await Promise.all(places.map((place) => ask(place, asking)));
  const clean = told.map(({ error, commit, fields, ...rest }): Told => ({
    ...rest,
    error: error === null ? null : scrub(error),
    commit: commit === null ? null : scrub(commit),
    fields: Object.fromEntries(
      Object.entries(fields).map(([key, value]) => [scrub(key), scrub(value)]),
    ),
  }));
  return {
    ...verdictOf(clean),
    places: clean,
    rows: rowsOf(
      clean,
      places.map(({ version }) => version.commit),
    ),
    comparedAt: new Date(clock.now()).toISOString(),
  };
}

async function ask(
  { place, url, version }: ComparedPlace,
  { get = httpGet, signal = new AbortController().signal, timeoutMs = PATIENCE_MS }: CompareOptions,
): Promise<Told> {
  const base = publicUrl(url);
  let fields: Readonly<Record<string, string>> = {};
  const problem = (body: string): string | undefined => {
    const read = readVersion(body);
    if ("problem" in read) return read.problem;
    fields = read.fields;
    return undefined;
  };
  const { problem: wrong } = await attempt(
    below(base, version.path),
    { status: [200], bodyCheck: { expected: "a JSON object", problem } },
    get,
    timeoutMs,
    signal,
  );
  const commit = Object.hasOwn(fields, version.commit) ? fields[version.commit] : undefined;
  const error = wrong
    ? `GET ${version.path}: ${wrong.found}`
    : commit === undefined
      ? `GET ${version.path}: no key ${JSON.stringify(version.commit)}`
      : null;
  return { place, url: base.href, error, commit: commit ?? null, fields };
}

function verdictOf(places: readonly Told[]): Pick<Comparison, "sameCommit" | "reason"> {
  const silent = places.filter(({ error }) => error !== null).map(({ place }) => place);
  if (silent.length > 0) {
    return { sameCommit: false, reason: `${silent.join(", ")} did not say what it runs` };
  }
  const commits = places.map(({ commit }) => commit ?? "");
  const [first = ""] = commits;
  const names = places.map(({ place }) => place).join(", ");
  if (commits.every((commit) => sameCommit(commit, first))) {
    return { sameCommit: true, reason: `${names} serve commit ${first}` };
  }
  const each = places.map(({ place, commit }) => `${place} serves ${commit ?? ""}`).join(", ");
  return { sameCommit: false, reason: `the commits differ: ${each}` };
}
