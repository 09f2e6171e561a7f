import { SluiceError } from "../error.ts";
import { browserSmoke } from "../prove/browser/smoke.ts";
import { proveUrl } from "../prove/url.ts";
import { watchTarget } from "../prove/watch.ts";
import { jsonText } from "../report/output.ts";
import type { Seen } from "./model.ts";
import type { DeploymentRun } from "./run.ts";

/** What was seen of a place, and what is wrong with it; undefined when nothing is. */
export interface Look {
  seen: Seen;
  fault: SluiceError | undefined;
}

/**
 * Looks at a place the way its users do: what its URL says, what a browser shows, and how health
 * goes on. Stops at the first thing that is wrong.
 *
 * @param healthOnly leaves the browser and the watching out
 */
export async function look(
  run: DeploymentRun,
  signal: AbortSignal,
  { healthOnly = false }: { healthOnly?: boolean } = {},
): Promise<Look> {
  const { url, place, wanted, onProgress, kept } = run;
  const { probes, version, pages, watchMs } = place.target;
  const seen: Seen = { proof: null, browser: null, watch: null };
  if (url === undefined) return { seen, fault: undefined };
  const { scrub } = run.context;
  const about = { url, signal, scrub, onProgress };
  const health = { ...about, probes, version, expected: { commit: wanted.commit } };
  seen.proof = await proveUrl(health);
  run.context.keep("proof.json", jsonText(seen.proof));
  if (!seen.proof.passed) {
    return { seen, fault: fault(seen.proof.code ?? "DEPLOYMENT_UNPROVEN", seen.proof.reason) };
  }
  if (healthOnly) return { seen, fault: undefined };
  if (pages.length > 0) {
    const { manifest, files } = await browserSmoke({ ...about, pages, headSha: wanted.commit });
    seen.browser = manifest;
    for (const [path, content] of Object.entries(files)) {
      kept.set(`browser-evidence/${wanted.commit}/${path}`, content);
    }
    if (!manifest.passed) return { seen, fault: fault("BROWSER_SMOKE_FAILED", manifest.reason) };
  }
  if (watchMs !== undefined) {
    const deployer = run.deployer(signal);
    seen.watch = await watchTarget({ ...health, forMs: watchMs, logs: () => deployer.logs() });
    run.context.keep("watch.json", jsonText(seen.watch));
    if (!seen.watch.passed) {
      return { seen, fault: fault(seen.watch.code ?? "WATCH_FAILING", seen.watch.reason) };
    }
  }
  return { seen, fault: undefined };
}

function fault(code: string, reason: string): SluiceError {
  return new SluiceError(code, reason, {
    hint: "see its output and logs: sluice call evidence export --path .artifacts/evidence",
  });
}
