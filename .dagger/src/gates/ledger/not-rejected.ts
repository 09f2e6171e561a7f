import { lastWord, type LastWord } from "../../ledger/last-word.ts";
import type { Gate } from "../gate.ts";
import type { GateFacts } from "../facts.ts";
import { failed, gateNamed, passed, short, type Verdict } from "../verdict.ts";

/** What failed stays refused until the same images pass; what a person rejected, for good. */
export function notRejected(facts: GateFacts): Gate {
  const { commit, digests } = facts;
  return gateNamed(
    "not-rejected",
    "The last word on the commit is not a rejection or a failed verification.",
    async () => {
      const word = lastWord(await facts.commitRecords(commit), digests);
      return word === undefined
        ? passed(`nothing speaks against ${short(commit)}`, { commit })
        : verdictOn(word, commit);
    },
  );
}

function verdictOn(word: LastWord, commit: string): Verdict {
  const evidence = { commit, record: word.kind, at: word.at, by: word.by };
  if (word.kind === "rejection") {
    return failed(
      `${short(commit)} was rejected by ${word.by} at ${word.at}: ${word.reason}`,
      "publish and promote another commit",
      evidence,
    );
  }
  if (word.passed)
    return passed(`${short(commit)} passed its verification at ${word.at}`, evidence);
  return failed(
    `${short(commit)} failed its verification at ${word.at}: ${word.reason}`,
    `promote another commit, or verify these images again: sluice call smoke-verify --commit ${commit}`,
    evidence,
  );
}
