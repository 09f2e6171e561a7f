import type { ProgressEvent } from "../../core/progress.ts";

/** Shows progress on stderr. */
export interface ProgressView {
  show(event: ProgressEvent): void;
  /** Leaves the terminal as it should be; nothing is shown afterwards. */
  stop(): void;
  /** True when the output of a failed task has been shown, so that the error need not repeat it. */
  readonly showedFailure: boolean;
}

/** How much is shown. */
export type Verbosity = "quiet" | "normal" | "verbose";

/** Shows nothing. */
export const silentView: ProgressView = {
  show: () => undefined,
  stop: () => undefined,
  showedFailure: false,
};
