import type { Gate } from "../gate.ts";
import type { GateFacts } from "../facts.ts";
import { differing } from "../ledger/digests.ts";
import { failed, gateNamed, passed, short } from "../verdict.ts";
import type { ReleaseChoice } from "./release-of.ts";

/** Another channel holds the very release. */
export function sameRelease(
  channel: string,
  facts: GateFacts,
  chosen: () => Promise<ReleaseChoice>,
): Gate {
  const { commit, digests } = facts;
  return gateNamed(
    "same-release",
    `${channel} holds the very release, tag and commit: what was tested is what goes on.`,
    async () => {
      const [choice, held] = await Promise.all([chosen(), facts.holding(channel)]);
      if (choice.release === undefined) return failed(choice.why, choice.next, { commit });
      const expected = `${choice.release} (${short(commit)})`;
      const theirs = held ? `${held.release ?? "no release"} (${short(held.commit)})` : "nothing";
      const evidence = { commit, release: choice.release, [`${channel} holds`]: theirs };
      const images = held ? differing(digests, held.digests) : [];
      if (held?.commit === commit && held.release === choice.release) {
        return images.length === 0
          ? passed(`${channel} holds ${expected}`, evidence)
          : failed(
              `expected the images that ${channel} holds of ${expected}; other ones are of ${images.join(", ")}`,
              `promote these images to ${channel} first`,
              evidence,
            );
      }
      return failed(
        `expected ${channel} to hold ${expected}, it holds ${theirs}`,
        held?.commit === commit && held.release !== undefined
          ? `promote it as that one: --release ${held.release}`
          : `promote ${choice.release} to ${channel} first`,
        evidence,
      );
    },
  );
}
