import type { Actor, GithubState } from "./state.ts";

/** A valid request for an operation. */
export interface Call {
  readonly state: GithubState;
  readonly actor: Actor;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** As GitHub's description has it. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly bytes: Buffer;
  /** Whether the bytes of a file are wanted in place of what is known of it. */
  readonly raw: boolean;
  /** URL of the repository, in the REST API. */
  readonly url: string;
  /** The same where files are uploaded, and where people look. */
  readonly uploads: string;
  readonly html: string;
  /** The next number of issues and pull requests, and the next id of anything. */
  readonly next: () => number;
  /** In the API's form. */
  readonly now: () => string;
}

/** What is answered. A list is cut into pages. */
export type Reply =
  | { readonly status: number; readonly body?: unknown; readonly bytes?: Buffer }
  | {
      readonly items: readonly unknown[];
      readonly wrap?: (items: unknown[], all: number) => object;
    };

/** Handlers by operation. */
export type Routes = Readonly<Record<string, (call: Call) => Reply>>;

export const notFound: Reply = { status: 404, body: { message: "Not Found", status: "404" } };

/** What GitHub answers to what is well-formed and can't be done. */
export function invalid(message: string, ...errors: object[]): Reply {
  return {
    status: 422,
    body: {
      message,
      documentation_url: "https://docs.github.com/rest",
      ...(errors.length === 0 ? {} : { errors }),
    },
  };
}
