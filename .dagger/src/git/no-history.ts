import { SluiceError } from "../error.ts";
import type { GitHistory } from "./git-history.ts";
import type { GitTag, History } from "./history.ts";

/** The history of a source without a repository: nothing can be found out. */
export const noHistory: History & Pick<GitHistory, "committedAt"> = {
  remote: undefined,
  branch: () => Promise.resolve(undefined),
  tags: () => Promise.resolve<readonly GitTag[]>([]),
  relation: missing,
  file: missing,
  changed: missing,
  committedAt: missing,
};

function missing(): Promise<never> {
  return Promise.reject(
    new SluiceError("HISTORY_MISSING", "the source has no git repository", {
      hint: "give the root of a git repository with --source, or name its remote: git.remote",
    }),
  );
}
