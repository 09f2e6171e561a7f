import { describeExit, Failed } from "../failed.ts";
import type { Record } from "./record.ts";

/** The failure of a service whose program has ended. */
export function exited(record: Record, when: string): Failed {
  const expected = "a process that keeps running";
  const code = record.exit?.exitCode ?? null;
  if (code === null) {
    const found = "the container is gone";
    return new Failed("SERVICE_LOST", expected, found, `${found}, ${when}`);
  }
  const found = describeExit(code);
  const last = record.lastLine();
  const words = last === undefined ? "it printed nothing" : `its last line: ${last}`;
  return new Failed("SERVICE_EXITED", expected, found, `ended ${when}, ${found}; ${words}`);
}
