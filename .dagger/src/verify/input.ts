import type { Secret, Service } from "@dagger.io/dagger";
import type { Place } from "../registry/copy/place.ts";
import type { Clock } from "./clock.ts";
import type { Expectation } from "./probe/expectation.ts";
import type { Get } from "./probe/http.ts";
import type { ProbeTiming } from "./probe/probe.ts";
import type { Stage } from "./stage.ts";

/** What all containers of a verification have in common. */
interface Common {
  /** Unique in the verification; host name by which the others reach it. */
  name: string;
  env?: Readonly<Record<string, string>>;
  /** Secret environment variables. */
  secrets?: Readonly<Record<string, Secret>>;
  /** Replaces the image's default arguments; its entrypoint stays. */
  command?: readonly string[];
  /** Names of services and dependencies that have to be healthy first; they are reachable by name. */
  needs?: readonly string[];
}

/** What is under verification, pulled by digest. */
interface UnderTest extends Common {
  /** `repository@sha256:…` */
  ref: string;
  /** The registry, when it runs as a Dagger service. */
  registryService?: Service;
}

/** An HTTP probe of a service. */
export interface ServiceProbe extends Partial<ProbeTiming> {
  /** Path and query, with the leading slash. */
  path: string;
  /** Default: the service's port. */
  port?: number;
  /** Default: status 200. */
  expect?: Partial<Expectation>;
}

/** A service: it has to answer its probes, and go on running until the verification ends. */
export interface ServiceUnderTest extends UnderTest {
  port: number;
  /** At least one. */
  probes: readonly ServiceProbe[];
}

/** A job: it has to end with its exit code. */
export interface JobUnderTest extends UnderTest {
  /** Default 0. */
  exitCode?: number;
  /** Default 5 minutes; milliseconds. */
  timeoutMs?: number;
}

/** Files: their checksums have to be right. */
export interface FilesUnderTest {
  /** Unique in the verification. */
  name: string;
  /** `repository@sha256:…` */
  ref: string;
  /** The repository that they are pulled from. */
  place: () => Promise<Place>;
}

/** Something the services need, such as a database. */
export interface Dependency extends Common {
  image: string;
  registryService?: Service;
  /** Ready when something listens there, unless `ready` says otherwise. Without both it is ready once it runs. */
  port?: number;
  ready?: {
    /** Runs in the container until it exits 0. */
    command?: readonly string[];
    /** Default 60 seconds; milliseconds. */
    deadlineMs?: number;
  };
}

/** Everything that `verifyCandidate` takes. */
export interface VerifyInput {
  /** Commit of the candidate. */
  commit: string;
  services: readonly ServiceUnderTest[];
  jobs?: readonly JobUnderTest[];
  dependencies?: readonly Dependency[];
  files?: readonly FilesUnderTest[];
  /** Where the containers live; `new DaggerStage()` in the module. Closed at the end. */
  stage: Stage;
  /** Ends the verification early; what was started is stopped. */
  signal?: AbortSignal;
  /** Takes secrets out of logs, bodies and messages. */
  scrub?: (text: string) => string;
  /** Told of each step, one line each. */
  onProgress?: (line: string) => void;
  /** Default: the machine's clock. */
  clock?: Clock;
  /** Default: HTTP over a connection of its own. */
  get?: Get;
}

/** Used where the pipeline says nothing; milliseconds. */
export const defaults = {
  probe: { deadlineMs: 60_000, stableForMs: 0, intervalMs: 250 },
  readyDeadlineMs: 60_000,
  jobTimeoutMs: 5 * 60_000,
  pullDeadlineMs: 10 * 60_000,
  startDeadlineMs: 60_000,
} as const;
