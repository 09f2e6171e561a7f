import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { z } from "zod";
import type { machineConfig } from "./machineConfig.ts";

export type MachineConfig = z.output<typeof machineConfig>;

/** A machine as the Machines API shows it, with what it doesn't show. */
export interface StandInMachine {
  id: string;
  name: string;
  state: string;
  region: string;
  image_ref: { registry: string; repository: string; digest: string };
  instance_id: string;
  created_at: string;
  updated_at: string;
  config: MachineConfig;
  events: object[];
  host_status: "ok";
  /** Where it really runs. */
  url?: string | undefined;
  lease?: StandInLease | undefined;
}

export interface StandInLease {
  nonce: string;
  owner: string;
  /** Seconds since 1970. */
  expires_at: number;
  version: string;
}

export interface StandInRelease {
  id: string;
  version: number;
  status: string;
  imageRef: string;
  strategy: string;
  definition: unknown;
  createdAt: string;
}

/** How an app fares on the stand-in. */
export interface Behaviour {
  /** What health checks come to where nothing really runs. */
  checks: "passing" | "critical";
  checkOutput: string;
  /** How a release command ends, and what it writes. */
  releaseCommand: { exitCode: number; output: string };
  /** Happens while the release command runs. */
  onReleaseCommand: () => void;
  /** Whether machines show the digest of the one platform that they run, of an image for several. */
  showsPlatform: boolean;
}

export interface StandInApp {
  name: string;
  machines: Map<string, StandInMachine>;
  releases: StandInRelease[];
  logs: string[];
  behaviour: Behaviour;
}

/** Answers in the place of the server; once, or as often as `times` says. */
export interface Fault {
  /** `GET /v1/apps/shop/machines/…`, or for GraphQL the request's body: matched against both. */
  on: RegExp;
  /** How many requests pass before; default 0. */
  after?: number;
  /** Default 1. */
  times?: number;
  answer: (response: ServerResponse, request: IncomingMessage) => void;
}

export function app(name: string): StandInApp {
  return {
    name,
    machines: new Map(),
    releases: [],
    logs: ["app created"],
    behaviour: {
      checks: "passing",
      checkOutput: "connect: connection refused",
      releaseCommand: { exitCode: 0, output: "migrated" },
      onReleaseCommand: () => undefined,
      showsPlatform: false,
    },
  };
}

/** Ids as Fly.io's machines have them. */
export function machineId(): string {
  return randomBytes(7).toString("hex");
}
