import { evidenceOf } from "../artifacts/evidence.ts";
import { composeManifest } from "../compose/manifest.ts";
import { commitStream } from "../ledger/streams.ts";
import type { Release } from "../release.ts";
import { jsonText } from "../report/output.ts";
import type { PromotionData } from "./model.ts";

/**
 * Files that a promotion or rollback leaves for those who deploy: a Compose manifest of what the
 * channel holds now, every image by digest, and the evidence of the candidate's acceptance.
 */
export async function productsOf(
  { pipeline, registries, ledger }: Release,
  { channel, commit, release, moves }: PromotionData,
): Promise<Record<string, string>> {
  const digests = Object.fromEntries(moves.map(({ service, to }) => [service, to]));
  const holds = { commit, digests, ...(release === undefined ? {} : { release }) };
  const from = registries.named(pipeline.compose?.registry).name;
  const records = await ledger.history(commitStream(commit));
  const evidence = evidenceOf(pipeline, records, new Date());
  return {
    "compose.yaml": composeManifest(pipeline, holds, channel, from),
    ...(evidence ? { "evidence-manifest.json": jsonText(evidence) } : {}),
  };
}
