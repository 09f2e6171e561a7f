import type { AppSettings } from "./auth.ts";
import type { Fault } from "./faults.ts";
import type { Actor, GithubState } from "./state.ts";

/** What GraphQL is asked. */
export interface GraphqlRequest {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Who asks, and of what. */
export interface GraphqlContext {
  readonly actor: Actor;
  readonly owner: string;
  readonly repo: string;
  /** Where people look: `http://127.0.0.1:1234/acme/shop`. */
  readonly html: string;
}

/** Answers GraphQL: `{data}`, `{errors}` or both. */
export type GraphqlHandler = (request: GraphqlRequest, context: GraphqlContext) => Promise<object>;

/** How the server is. */
export interface GithubServerOptions {
  /** By default `acme/shop`. */
  repository?: string;
  /** Who has which token; by default `githubToken` may do everything. */
  tokens?: Readonly<Record<string, Actor>>;
  app?: AppSettings;
  /** Undefined: GraphQL is not found. */
  graphql?: GraphqlHandler;
  /** Items on one page at most, so that a few make pages; by default 100, as GitHub has it. */
  pageSize?: number;
  /** Awaited before an operation is carried out, so that tests can say what happens at once. */
  before?: (operation: string) => Promise<void>;
  /** Milliseconds since 1970. */
  now?: () => number;
}

/** A request that was made. */
export interface GithubRequest {
  /** Operation of GitHub's description, or `graphql`. */
  readonly operation: string;
  /** `GET /api/v3/repos/acme/shop/issues?page=1` */
  readonly line: string;
  /** Of JSON. */
  readonly body: unknown;
}

/** The server, and what tests do with it. */
export interface GithubServer {
  /** `http://127.0.0.1:1234` */
  readonly url: string;
  /** Base URL of its REST API, as Enterprise has it; that of github.com is `url`. */
  readonly api: string;
  /** As a git remote. */
  readonly remote: string;
  readonly repository: { readonly owner: string; readonly repo: string; readonly api: string };
  readonly state: GithubState;
  /** What goes wrong next; taken from the front. */
  readonly faults: Fault[];
  readonly requests: GithubRequest[];
  /** What wasn't as GitHub's own description has it. */
  readonly violations: string[];
  readonly tokens: Map<string, Actor>;
}
