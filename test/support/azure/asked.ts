import type { AppWorld } from "./apps.ts";
import type { ExecutionFate } from "./jobs.ts";
import type { Operations } from "./operations.ts";
import { ArmRefusal } from "./refusal.ts";
import type { Azure } from "./server.ts";

/** A request, and what it is asked of. */
export interface Asked {
  method: string;
  url: URL;
  body: string;
  authorization: string | undefined;
  azure: Azure;
  world: AppWorld;
  operations: Operations;
  /** App by token for its logs. */
  logTokens: Map<string, string>;
  execution: (job: string, image: string) => ExecutionFate;
}

/** What is answered to it. */
export interface Answer {
  status: number;
  body?: object | string;
  headers?: Record<string, string>;
}

/** What is said of an endpoint that is not there. */
export function unknown({ method, url }: Asked): ArmRefusal {
  return new ArmRefusal(404, "InvalidResource", `${method} ${url.pathname} is not served.`);
}
