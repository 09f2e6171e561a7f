/** What the engine asks of a worker, one thing at a time. */
export type ToWorker =
  | { kind: "prepare"; path: string; files: string[]; lean: boolean }
  // Types are registered from the sources alone, as by the official runtime: nothing is run.
  | {
      kind: "call";
      port: number;
      token: string;
      cwd: string;
      lean: boolean;
      registers: boolean;
    };

/** How that ended. What a function returned travels through the session instead. */
export type FromWorker = { kind: "done" } | { kind: "failed"; message: string };
