import type { Gate } from "../gate.ts";
import type { GateFacts } from "../facts.ts";
import type { ReleasePolicy } from "../../pipeline/model.ts";
import { failed, gateNamed, passed, short } from "../verdict.ts";
import { kindOfRelease } from "./kinds.ts";
import type { ReleaseChoice } from "./release-of.ts";

/** A git tag makes the commit a release. */
export function release(
  policy: ReleasePolicy,
  { commit }: GateFacts,
  chosen: () => Promise<ReleaseChoice>,
): Gate {
  const { example } = kindOfRelease(policy);
  return gateNamed(
    "release",
    `${policy.annotated ? "An annotated tag" : "A tag"} such as ${example} stands on the commit: what is released has a name.`,
    async () => {
      const choice = await chosen();
      return choice.release === undefined
        ? failed(choice.why, choice.next, { commit })
        : passed(`${choice.release} stands on ${short(commit)}`, {
            commit,
            release: choice.release,
          });
    },
  );
}
