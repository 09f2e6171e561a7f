import type { PipelineProbe, PipelineVersion } from "../../.dagger/src/pipeline/model.ts";
import type { Answer, Get } from "../../.dagger/src/verify/probe/http.ts";
import type { Clock } from "../../.dagger/src/verify/clock.ts";

export const oldCommit = "1".repeat(40);
export const newCommit = "2a".repeat(20);
export const versionEndpoint: PipelineVersion = { path: "/api/version", commit: "commit_sha" };

/** A probe of `/healthz`, as a pipeline has it. */
export function healthProbe(own: Partial<PipelineProbe> = {}): PipelineProbe {
  return {
    path: "/healthz",
    port: undefined,
    status: [200],
    body: undefined,
    bodyPattern: undefined,
    intervalMs: undefined,
    deadlineMs: undefined,
    stableForMs: undefined,
    ...own,
  };
}

/** The version endpoint's answer of a release. */
export function versionOf(commit: string, more: Record<string, unknown> = {}): Answer {
  return { status: 200, body: JSON.stringify({ commit_sha: commit, ...more }) };
}

/** What a site without a network answers at a time, in milliseconds since it began. */
export function site(
  clock: Clock,
  answers: Readonly<Record<string, (atMs: number) => Answer>>,
): { get: Get; asked: { path: string; atMs: number }[] } {
  const begun = clock.now();
  const asked: { path: string; atMs: number }[] = [];
  return {
    asked,
    get: async ({ pathname }) => {
      const atMs = clock.now() - begun;
      asked.push({ path: pathname, atMs });
      return answers[pathname]?.(atMs) ?? { status: 404, body: "not found" };
    },
  };
}
