/** A CI check on a commit. */
export interface Check {
  readonly name: string;
  /** True when it is done and nothing is wrong: success, neutral or skipped. */
  readonly green: boolean;
  /** As the CI calls it: `success`, `failure`, `in_progress`. */
  readonly state: string;
}
