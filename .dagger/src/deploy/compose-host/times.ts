/** Times that tests shorten. */
export interface Times {
  /** How long containers have to stay as they are, once they are healthy; seconds. */
  watchSeconds: number;
  /** Pauses between attempts to reach a host again that a connection was lost to; milliseconds. */
  retryMs: readonly number[];
}

/** What they are otherwise. */
export const TIMES: Times = { watchSeconds: 5, retryMs: [1000, 2000, 4000, 8000, 15_000, 30_000] };
