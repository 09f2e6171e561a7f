import { shortDigest } from "../registry/digest.ts";
import { table } from "../report/table.ts";
import type { DeploymentData } from "./model.ts";

/** A deployment for people. */
export function deploymentSummary(data: DeploymentData): string {
  const { kind, target, commit, release, digests, outcome, targetRelease, url, notes } = data;
  const good = outcome !== "failed";
  const verb = kind === "rollback" ? "runs again" : "runs";
  const what = `${release === undefined ? "" : `${release} `}${commit}`;
  const { proof, browser, watch } = data.seen;
  if (outcome === "planned") return [`${target} would run ${what}`, ...data.plan, ""].join("\n");
  return [
    good ? `✔ ${target} ${verb} ${what}` : `✘ ${target}: ${data.reason}`,
    ...table(Object.entries(digests).map(([name, digest]) => [`  ${name}`, shortDigest(digest)])),
    ...(targetRelease === undefined ? [] : [`  release ${targetRelease}`]),
    ...(url === undefined ? [] : [`  ${url}`]),
    ...(proof ? [`  ${mark(proof.passed)} ${proof.reason}`] : []),
    ...(browser
      ? browser.pages.map((page) => `  ${mark(page.passed)} page ${page.path}: ${page.reason}`)
      : []),
    ...(watch ? [`  ${mark(watch.passed)} watched: ${watch.reason}`] : []),
    ...notes.map((note) => `  ${note}`),
    ...toldLines(data.announcement),
    "",
  ].join("\n");
}

function toldLines(announcement: DeploymentData["announcement"]): string[] {
  return Object.entries(announcement?.sinks ?? {}).flatMap(([name, { outcome, url, reason }]) => {
    if (outcome === "skipped") return [];
    const said = [reason, url].filter((part) => part !== undefined).join(" ");
    return [
      `  ${outcome === "told" ? "✔" : "…"} ${name}: ${outcome === "told" ? "" : "queued: "}${said}`,
    ];
  });
}

function mark(passed: boolean): string {
  return passed ? "✔" : "✘";
}
