import type { GitTag } from "../../git/history.ts";
import type { ReleasePolicy } from "../../pipeline/model.ts";
import { short } from "../verdict.ts";
import { kindOfRelease, type ReleaseKind } from "./kinds.ts";

/** The git tag that stands for a commit, or why there is none and what to do about it. */
export type ReleaseChoice = { release: string } | { release: undefined; why: string; next: string };

/**
 * Which git tag stands for a commit under a channel's policy: of several, the highest version or the
 * newest day.
 *
 * @param wanted the tag to choose; it has to stand on the commit, and be of the policy's kind
 */
export function releaseOf(
  policy: ReleasePolicy,
  commit: string,
  tags: readonly GitTag[],
  wanted?: string,
): ReleaseChoice {
  const kind = kindOfRelease(policy);
  const what = `${policy.annotated ? "an annotated tag" : "a tag"} such as ${kind.example}`;
  const next = `cut ${what}: sluice call cut-tag --name <tag> --commit ${commit}`;
  const own = tags.filter((tag) => tag.commit === commit);
  if (wanted !== undefined && !own.some(({ name }) => name === wanted)) {
    return { release: undefined, why: elsewhere(tags, commit, wanted), next };
  }
  const eligible = own
    .filter(({ name }) => kind.matches(name) && (wanted === undefined || name === wanted))
    .sort((one, other) => kind.compare(one.name, other.name));
  const best = eligible.findLast(({ annotated }) => annotated || !policy.annotated);
  if (best) return { release: best.name };
  const why = `expected ${what} on ${short(commit)}, found ${found(wanted, own, eligible, kind)}`;
  return { release: undefined, why, next };
}

function elsewhere(tags: readonly GitTag[], commit: string, wanted: string): string {
  const tag = tags.find(({ name }) => name === wanted);
  return tag
    ? `expected ${wanted} on ${short(commit)}; it stands on ${short(tag.commit)}`
    : `expected ${wanted} on ${short(commit)}; there is no such tag`;
}

function found(
  wanted: string | undefined,
  own: readonly GitTag[],
  eligible: readonly GitTag[],
  kind: ReleaseKind,
): string {
  if (eligible.length > 0) {
    return `${eligible.map(({ name }) => name).join(", ")}, not annotated`;
  }
  if (wanted !== undefined) return `${wanted}, which is not like ${kind.example}`;
  return own.length === 0 ? "no tag" : own.map(({ name }) => name).join(", ");
}
