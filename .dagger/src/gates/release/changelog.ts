import type { Gate } from "../gate.ts";
import type { GateFacts } from "../facts.ts";
import { failed, gateNamed, passed, short } from "../verdict.ts";
import { changelogSection } from "./changelog-section.ts";
import type { ReleaseChoice } from "./release-of.ts";

/** The changelog says what the release changes. */
export function changelog(
  path: string,
  { commit, history }: GateFacts,
  chosen: () => Promise<ReleaseChoice>,
): Gate {
  return gateNamed(
    "changelog",
    `${path} has a section for the release: people can read what it changes.`,
    async () => {
      const [choice, text] = await Promise.all([chosen(), history.file(commit, path)]);
      if (choice.release === undefined) return failed(choice.why, choice.next, { commit });
      const heading = `## ${choice.release.replace(/^v(?=\d)/, "")}`;
      const evidence = { commit, path, release: choice.release };
      if (text !== undefined && changelogSection(text, choice.release) !== undefined) {
        return passed(`${path} has a section for ${choice.release}`, evidence);
      }
      const found =
        text === undefined ? `${short(commit)} has no such file` : "found none, or an empty one";
      return failed(
        `expected a section ${JSON.stringify(heading)} in ${path}; ${found}`,
        `write it, commit it, and cut the tag on that commit`,
        evidence,
      );
    },
  );
}
