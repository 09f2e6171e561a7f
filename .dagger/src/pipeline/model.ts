/**
 * A release pipeline as the rest of the module sees it: valid, with every default filled in,
 * durations in milliseconds. `parsePipeline` makes it from `release.yaml`.
 */
export interface Pipeline {
  /** Path of the file it was read from, for messages. */
  readonly file: string;
  readonly name: string;
  /** At least one; in the file's order. */
  readonly services: readonly PipelineService[];
  readonly dependencies: readonly PipelineDependency[];
  /** At least one; in the file's order. */
  readonly registries: readonly PipelineRegistry[];
  /** Sorted by `order`, then in the file's order. */
  readonly channels: readonly PipelineChannel[];
  readonly git: {
    /** URL without credentials; undefined for the source's origin. */
    readonly remote: string | undefined;
  };
  /** Where records of releases are kept. */
  readonly ledger: {
    /** Name of a registry. */
    readonly registry: string;
    /** Repository below its address. */
    readonly repository: string;
  };
  /** Globs of paths by scope, in the file's order; those that start with `!` leave paths out. */
  readonly scopes: Readonly<Record<string, readonly string[]>>;
  readonly compose: PipelineCompose | undefined;
}

/** A Compose manifest that is written anew from what a channel holds. */
export interface PipelineCompose {
  /** Path in the repository. */
  readonly file: string;
  /** Name of the channel whose images it pins. */
  readonly channel: string;
  /** Name of the registry that it pulls from. */
  readonly registry: string;
}

/** A service whose image is built, published, verified and promoted. */
export interface PipelineService {
  readonly name: string;
  /** Repository below each registry's address. */
  readonly image: string;
  /** Directory, relative to the source; `.` for the source itself. */
  readonly context: string;
  /** Relative to the context. */
  readonly dockerfile: string;
  /** Stage of the Dockerfile; undefined for the last one. */
  readonly target: string | undefined;
  readonly buildArgs: Readonly<Record<string, string>>;
  /** Empty for the engine's own platform. */
  readonly platforms: readonly string[];
  /** Undefined for jobs only. */
  readonly port: number | undefined;
  /** At least one for a service with a port, none for a job. */
  readonly probes: readonly PipelineProbe[];
  readonly env: Readonly<Record<string, string>>;
  /** Replaces the image's default arguments while it is verified. */
  readonly command: readonly string[] | undefined;
  /** Names of services and dependencies, in the file's order. */
  readonly needs: readonly string[];
  /** Set for what runs once and ends, instead of serving. */
  readonly job: PipelineJob | undefined;
}

/** An HTTP request that a service has to answer; a missing time is up to the verification. */
export interface PipelineProbe {
  /** Path and query, with the leading slash. */
  readonly path: string;
  /** Undefined for the service's own port. */
  readonly port: number | undefined;
  /** Accepted statuses. */
  readonly status: readonly number[];
  /** Text that the body has to contain. */
  readonly body: string | undefined;
  /** Pattern that the body has to match. */
  readonly bodyPattern: string | undefined;
  readonly intervalMs: number | undefined;
  readonly deadlineMs: number | undefined;
  readonly stableForMs: number | undefined;
}

/** A command that has to end with its exit code. */
export interface PipelineJob {
  /** Undefined for the image's own command. */
  readonly command: readonly string[] | undefined;
  readonly exitCode: number;
  readonly timeoutMs: number | undefined;
}

/** Something that services need and that is not built here, such as a database. */
export interface PipelineDependency {
  readonly name: string;
  readonly image: string;
  readonly port: number | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly command: readonly string[] | undefined;
  readonly ready: {
    /** Runs in the container until it exits 0; undefined: the port has to accept connections. */
    readonly command: readonly string[] | undefined;
    readonly deadlineMs: number | undefined;
  };
}

/** A place that images are published to. */
export interface PipelineRegistry {
  readonly name: string;
  /** Host, port and namespace: `ghcr.io/acme`, `docker.io/acme`, `localhost:5000/acme`. */
  readonly address: string;
  /** Undefined to sign in without a name, or not at all. */
  readonly username: string | undefined;
  /** Set for a registry that runs as a Dagger service. */
  readonly service: { readonly image: string; readonly port: number } | undefined;
}

/** A long-lived tag that candidates are promoted to. */
export interface PipelineChannel {
  readonly name: string;
  readonly tag: string;
  readonly order: number;
  /** Name of the registry that a promotion verifies from. */
  readonly verifyFrom: string;
  /** Names of the channels that have to hold the same candidate before. */
  readonly after: readonly string[];
  /** Branch that a promotion fast-forwards to the commit. */
  readonly branch: string | undefined;
  readonly gates: PipelineGates;
}

/** What a channel demands of a candidate; undefined and empty demand nothing. */
export interface PipelineGates {
  /** Branch that the commit has to be on. */
  readonly onBranch: string | undefined;
  /** Branch whose head the commit has to be. */
  readonly headOf: string | undefined;
  readonly release: ReleasePolicy | undefined;
  /** Name of the channel that has to hold the same release. */
  readonly sameReleaseAs: string | undefined;
  /** `true`: all checks that there are; else the names of those that have to be green. */
  readonly checks: true | readonly string[] | undefined;
  /** Path of the changelog. */
  readonly changelog: string | undefined;
  /** Artifact types. */
  readonly referrers: readonly string[];
  readonly window: DeploymentWindow | undefined;
  readonly approvals: ApprovalPolicy | undefined;
  /** Names of values that have to be given. */
  readonly settings: readonly string[];
}

/** Which git tags stand for releases. */
export type ReleasePolicy = { readonly annotated: boolean } & (
  | { readonly kind: "semver" | "calendar"; readonly pattern: undefined }
  | { readonly kind: "pattern"; readonly pattern: string }
);

export type Weekday = "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun";

/** When a channel may change. */
export interface DeploymentWindow {
  /** Days on which it opens. */
  readonly days: readonly Weekday[];
  /** Minutes since midnight, from 0. */
  readonly fromMinute: number;
  /** Minutes since midnight, up to 1440; before `fromMinute` it closes on the next day. */
  readonly toMinute: number;
  /** IANA name. */
  readonly timezone: string;
}

/** Who has to agree. */
export interface ApprovalPolicy {
  /** How many different people; at least 1. */
  readonly count: number;
  /** Undefined: anybody. */
  readonly from: readonly string[] | undefined;
}
