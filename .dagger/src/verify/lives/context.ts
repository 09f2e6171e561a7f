import type { Clock } from "../clock.ts";
import type { Get } from "../probe/http.ts";
import type { Stage } from "../stage.ts";

/** What the containers of one verification share. */
export interface Context {
  stage: Stage;
  clock: Clock;
  get: Get;
  /** Aborted when the verification is to end early. */
  signal: AbortSignal;
  scrub: (text: string) => string;
  progress: (line: string) => void;
  /** Milliseconds since the verification began. */
  elapsed(): number;
}
