import type { ReleaseEvent } from "./event.ts";

/** Where an event was told. */
export interface Told {
  /** One line: `opened issue #12`. */
  what: string;
  url?: string;
}

/** Somebody who is told of releases. */
export interface Sink {
  /** `github-deployments`, `github-issues`, `github-releases`, `discussion live`, `webhook`. */
  readonly name: string;
  /**
   * The exact text, request or change that `tell` would make; undefined for events that it does not
   * care about. Changes nothing.
   */
  preview(event: ReleaseEvent): Promise<string | undefined>;
  /**
   * Tells it, once: an event that was told before is found by its id and not told again. Undefined
   * for events that it does not care about.
   *
   * @throws SluiceError when it can't; it is tried again later
   */
  tell(event: ReleaseEvent): Promise<Told | undefined>;
}
