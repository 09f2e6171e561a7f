import type { Arm } from "./arm.ts";
import type { Pace } from "./pace.ts";

/** What everything here works with. */
export interface Work {
  arm: Arm;
  pace: Pace;
  /** Whether an app may be reached over plain HTTP: only where Azure's own API is. */
  plainHttp: boolean;
  readyTimeoutMs: number;
  keep: (path: string, text: string) => void;
  scrub: (text: string) => string;
  onProgress: (line: string) => void;
}
