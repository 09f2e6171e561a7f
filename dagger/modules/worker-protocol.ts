/** What the engine asks of a worker, one thing at a time. */
export type ToWorker =
  | { kind: "prepare"; bundle: string; files: string[]; lean: boolean }
  | { kind: "call"; port: number; token: string; cwd: string; lean: boolean };

/** How that ended. What a function returned travels through the session instead. */
export type FromWorker = { kind: "done" } | { kind: "failed"; message: string };
