import type { ReleaseEvent } from "../announce/event.ts";
import { short } from "../git/refs.ts";
import { webUrl } from "./web-url.ts";

/** As long as GitHub lets a description be. */
const MAX_DESCRIPTION = 140;
const PRODUCTION = /^(?:production|prod|live)$/i;

/** What GitHub calls the ends of a deployment. */
export type DeploymentState = "in_progress" | "success" | "failure" | "inactive" | "error";

const STATES: Partial<Record<ReleaseEvent["kind"], DeploymentState>> = {
  deploying: "in_progress",
  deployed: "success",
  "taken-back": "success",
  "deployment-failed": "failure",
};

/** What of a deployment GitHub keeps for Sluice. */
export interface DeploymentPayload {
  sluice: {
    /** Same for the beginning and the end of a deployment. */
    key: string;
    pipeline: string;
    channel: string;
    target?: string;
    release?: string;
    digests: Record<string, string>;
  };
}

/** A new deployment, as it is asked for. */
export interface NewDeployment {
  ref: string;
  task: string;
  auto_merge: false;
  required_contexts: string[];
  payload: DeploymentPayload & Record<string, unknown>;
  environment: string;
  description: string;
  production_environment: boolean;
}

/** A new status of a deployment, as it is asked for. */
export interface NewStatus {
  state: DeploymentState;
  description: string;
  log_url?: string;
  environment_url?: string;
  auto_inactive: false;
}

/** Undefined for events that aren't about a deployment. */
export function stateOf({ kind }: ReleaseEvent): DeploymentState | undefined {
  return STATES[kind];
}

/** What the beginning and the end of a deployment share: `deployment live 12`. */
export function keyOf({ id }: ReleaseEvent): string {
  return id.slice(0, Math.max(0, id.lastIndexOf(" "))) || id;
}

/** The place of a key, and how many deployments it had: `deployment live` and 12. */
export function placeOf(key: string): { place: string; sequence: number } {
  const [, place = key, sequence = "0"] = /^(.*) (\d+)$/.exec(key) ?? [];
  return { place, sequence: Number(sequence) };
}

/** What GitHub calls the place. */
export function environmentOf({ environment, target, channel }: ReleaseEvent): string {
  return environment ?? target ?? channel;
}

/** The deployment that an event is about. */
export function newDeployment(event: ReleaseEvent): NewDeployment {
  const { pipeline, channel, target, release, digests, commit } = event;
  const environment = environmentOf(event);
  return {
    ref: commit,
    task: "deploy",
    // Sluice has its own gates; GitHub would merge the default branch into what was tested.
    auto_merge: false,
    required_contexts: [],
    payload: {
      sluice: {
        ...{ key: keyOf(event), pipeline, channel, digests },
        ...(target === undefined ? {} : { target }),
        ...(release === undefined ? {} : { release }),
      },
    },
    environment,
    description: cut(`${pipeline}: ${release ?? short(commit)} to ${target ?? channel}`),
    production_environment: PRODUCTION.test(environment),
  };
}

/** The status that an event gives its deployment. */
export function newStatus(event: ReleaseEvent, state: DeploymentState): NewStatus {
  const log_url = webUrl(event.runUrl);
  const environment_url = webUrl(event.url);
  return {
    state,
    description: cut(event.reason ?? event.targetRelease ?? ""),
    ...(log_url === undefined ? {} : { log_url }),
    ...(environment_url === undefined ? {} : { environment_url }),
    auto_inactive: false,
  };
}

/** The status of a deployment that another one has taken the place of. */
export function supersededStatus(by: string, state: "inactive" | "error"): NewStatus {
  const description =
    state === "inactive" ? `replaced by ${by}` : `ended without a word; followed by ${by}`;
  return { state, description: cut(description), auto_inactive: false };
}

function cut(text: string): string {
  return text.length <= MAX_DESCRIPTION ? text : `${text.slice(0, MAX_DESCRIPTION - 1)}…`;
}
