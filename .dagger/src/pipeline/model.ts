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
  /** In the file's order. */
  readonly targets: readonly PipelineTarget[];
  readonly announcements: PipelineAnnouncements;
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

/** A service whose image, or files of it, are built, published, verified and promoted. */
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
  /** Undefined for jobs and files. */
  readonly port: number | undefined;
  /** At least one for a service with a port, none for others. */
  readonly probes: readonly PipelineProbe[];
  readonly env: Readonly<Record<string, string>>;
  /** Replaces the image's default arguments while it is verified. */
  readonly command: readonly string[] | undefined;
  /** Names of services and dependencies, in the file's order. */
  readonly needs: readonly string[];
  /** Set for what runs once and ends, instead of serving. */
  readonly job: PipelineJob | undefined;
  /** Absolute paths in the image of what is released in its place; empty for a container. */
  readonly files: readonly string[];
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
  /** Reminders for everybody who is told of a success. */
  readonly notices: readonly string[];
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
  /** Name of the setting with the public key that every image is signed by. */
  readonly signed: string | undefined;
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

/** A text of the file, or the name of a setting that gives it. */
export type Given = { readonly text: string } | { readonly setting: string };

/** A place that a channel's images are deployed to. */
export interface PipelineTarget {
  readonly name: string;
  /** Name of the channel whose images it runs. */
  readonly channel: string;
  /** Name of the registry that it pulls from. */
  readonly registry: string;
  /** What GitHub and others call it; by default the target's name. */
  readonly environment: string;
  /** Where its users find it; `{slot}` in it stands for the slot's number. */
  readonly url: Given | undefined;
  /** Requests that it has to answer at its URL after a deployment. */
  readonly probes: readonly PipelineProbe[];
  readonly version: PipelineVersion | undefined;
  /** Pages that a real browser opens at its URL after a deployment. */
  readonly pages: readonly PipelinePage[];
  /** How long health is watched after a deployment; undefined: not at all. */
  readonly watchMs: number | undefined;
  /** Run before a deployment, in this order. */
  readonly steps: readonly PipelineStep[];
  /** Names of values that have to be given before anything starts. */
  readonly settings: readonly string[];
  readonly platform: FlyPlatform | ComposePlatform | ContainerAppsPlatform;
}

/** Where a target says which commit it runs. */
export interface PipelineVersion {
  /** Path with the leading slash; it answers a JSON object. */
  readonly path: string;
  /** Key whose value is the commit. */
  readonly commit: string;
}

/** A page that has to look right in a browser. */
export interface PipelinePage {
  /** Path and query, with the leading slash. */
  readonly path: string;
  /** Text that it has to show. */
  readonly text: string | undefined;
  /** CSS selector of an element that has to be visible. */
  readonly selector: string | undefined;
  /** Undefined: up to the browser smoke. */
  readonly deadlineMs: number | undefined;
}

/** Something that is applied before a deployment, such as infrastructure. */
export interface PipelineStep {
  readonly name: string;
  /** Names of scopes: it runs when the candidate changes any of them. Empty: always. */
  readonly scopes: readonly string[];
  readonly image: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Names of settings that it gets as secret environment variables. */
  readonly settings: readonly string[];
  readonly timeoutMs: number;
}

/** One app on Fly.io. */
export interface FlyPlatform {
  readonly kind: "fly";
  /** Undefined: as fly.toml says. */
  readonly app: Given | undefined;
  /** Name of the service whose image it runs. */
  readonly service: string;
  /** Path of the app's fly.toml in the repository; undefined when it has none. */
  readonly config: string | undefined;
  readonly strategy: "rolling" | "immediate" | "canary" | "bluegreen" | undefined;
  readonly primaryRegion: string | undefined;
  /** Regions to deploy to; empty: all that it runs in. */
  readonly regions: readonly string[];
  readonly waitTimeoutMs: number;
  readonly releaseCommandTimeoutMs: number;
  /** Whether the image is copied to Fly's registry first; undefined: when its registry needs a password. */
  readonly mirror: boolean | undefined;
  /** Image that has flyctl. */
  readonly flyctl: string;
  /** URLs of Fly's APIs, and host of its registry. */
  readonly endpoints: {
    readonly api: string;
    readonly machines: string;
    readonly registry: string;
  };
}

/** A host with Docker Compose, reached over SSH. */
export interface ComposePlatform {
  readonly kind: "compose";
  /** `ssh://deploy@shop.example.com:22` */
  readonly host: Given;
  /** Absolute path on the host. */
  readonly directory: string;
  /** Name of the Compose project; undefined: made of pipeline and target. */
  readonly project: string | undefined;
  /** How many numbered slots there are; undefined: one place without a number. */
  readonly slots: number | undefined;
  /** Compose files of the repository that are laid over the generated manifest, in this order. */
  readonly files: readonly string[];
  /** Runs once with the new images, before they are started. */
  readonly migrate: { readonly service: string; readonly command: readonly string[] } | undefined;
  /** Commands on the host that switch the maintenance mode. */
  readonly maintenance:
    { readonly on: readonly string[]; readonly off: readonly string[] } | undefined;
  /** Names of the settings that have the private key, and the host's lines of known_hosts. */
  readonly key: string;
  readonly knownHosts: string;
  readonly waitTimeoutMs: number;
}

/** Apps and jobs on Azure Container Apps. */
export interface ContainerAppsPlatform {
  readonly kind: "containerApps";
  readonly subscription: Given;
  readonly resourceGroup: Given;
  /** Name of the app by service. */
  readonly apps: Readonly<Record<string, Given>>;
  /** A job that runs with the new image of a service before the apps are deployed. */
  readonly migration:
    | {
        readonly job: Given;
        readonly service: string;
        /** Names of scopes: the job is started when the candidate changes any. Empty: always. */
        readonly scopes: readonly string[];
        readonly timeoutMs: number;
      }
    | undefined;
  readonly readyTimeoutMs: number;
  /** URLs of Azure's Resource Manager, and of what signs in to it. */
  readonly endpoint: string;
  readonly authority: string;
}

/** Who is told of releases. */
export interface PipelineAnnouncements {
  readonly github: PipelineGithub | undefined;
  readonly webhook:
    | {
        readonly url: Given;
        /** Name of the setting that signs what is sent. */
        readonly secret: string | undefined;
      }
    | undefined;
  /** Path of a Markdown file that has the newest on top; undefined for none. */
  readonly markdown: string | undefined;
}

/** What GitHub is told. */
export interface PipelineGithub {
  /** `acme/shop`; undefined: that of the git remote. */
  readonly repository: string | undefined;
  /** Base URL of the REST API; undefined: that of the git remote. */
  readonly api: string | undefined;
  /** Whether deployments are recorded as GitHub's Deployments. */
  readonly deployments: boolean;
  /** One issue for each channel that fails. */
  readonly issues: { readonly labels: readonly string[] } | undefined;
  /** Releases for what these channels were promoted to, with notes from the changelog. */
  readonly releases:
    { readonly channels: readonly string[]; readonly changelog: string } | undefined;
  readonly discussions: readonly PipelineDiscussion[];
}

/** A thread that tells of channels. */
export interface PipelineDiscussion {
  readonly name: string;
  /** Names of the channels that it tells of. */
  readonly channels: readonly string[];
  /** Branch whose merges it tells of, too. */
  readonly merges: string | undefined;
  readonly title: string;
  /** Name of the category, as GitHub shows it. */
  readonly category: string;
  /** Path of the Markdown that the thread begins with; undefined: made of the title. */
  readonly body: string | undefined;
  /** Path of the template of a comment; undefined: the built-in one. */
  readonly template: string | undefined;
  readonly label: string | undefined;
}
