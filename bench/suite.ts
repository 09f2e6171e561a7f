import type { Contender } from "./measure.ts";

/** A comparison with a peer. */
export interface Suite {
  /** What it is called on the command line. */
  name: string;
  title: string;
  /** How often each side runs, besides once to warm up. */
  runs: number;
  /** Makes what both sides need; nothing of it is timed. */
  setUp: () => Promise<{
    ours: Contender;
    peer: Contender;
    /** Figures that no peer has the like of, as text. */
    also?: () => Promise<string>;
    tearDown: () => Promise<void>;
  }>;
}

/** A comparison with several peers, in figures of its own. */
export interface TableSuite {
  /** What it is called on the command line. */
  name: string;
  /** Measures, and answers what was measured, as text. */
  run: () => Promise<string>;
}
