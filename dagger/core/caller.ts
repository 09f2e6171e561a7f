/** The client behind a token: the main client, or a module function that is running. */
export interface Caller {
  /** `main`, or the id of a function call. */
  readonly id: string;
  /** Directory that relative host paths start from. */
  readonly cwd: string;
  /** Present while a module function runs; opaque to the API types outside `modules/`. */
  readonly functionCall?: unknown;
}
