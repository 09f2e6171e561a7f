import { tarOf } from "./tar.ts";
import { library } from "./scripts/library.ts";
import type { Stack } from "./stack.ts";

/** What a host is asked to do, by one of the scripts. */
export interface HostRequest {
  /** The script that runs. */
  script: string;
  /** Names the request on the host. */
  run: string;
  stack: Stack;
  /** How long containers may take to become healthy; seconds. */
  timeoutSeconds: number;
  /** Other scripts beside it, by name. */
  scripts?: Readonly<Record<string, string>>;
  /** Texts that scripts read one at a time. */
  values?: Readonly<Record<string, string>>;
  /** Command lines, and lists of names; undefined ones are left out. */
  argv?: Readonly<Record<string, readonly string[] | undefined>>;
  /** Files of a release. */
  release?: Readonly<Record<string, string>>;
}

/** A request as it goes over the connection: a tar archive in base64. */
export function encoded(request: HostRequest): string {
  const { script, run, stack, timeoutSeconds, scripts = {}, argv = {}, release = {} } = request;
  const values = { ...stack, run, timeout: String(timeoutSeconds), ...request.values };
  const lists = Object.entries(argv).flatMap(([name, words = []]) =>
    words.map((word, index) => [`argv/${name}/${String(index).padStart(4, "0")}`, word] as const),
  );
  const files = [
    ["library", library] as const,
    ...Object.entries(scripts),
    ...Object.entries(values).map(([name, text]) => [`value/${name}`, text] as const),
    ...lists,
    ...Object.entries(release).map(([name, text]) => [`release/${name}`, text] as const),
    // Last: what was cut off on the way has no script, and does nothing.
    ["run", script] as const,
  ];
  return `${tarOf(files).toString("base64")}\n`;
}
