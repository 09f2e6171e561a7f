import { SluiceError } from "../../error.ts";
import type { Address } from "./address.ts";
import type { HostResult } from "./answer.ts";
import { hostFull, saysFull, shortened } from "./failure.ts";
import type { Stack } from "./stack.ts";

/** What an error about a host speaks of. */
export interface Where {
  address: Address;
  stack: Stack;
  /** Name of the place: `live`, `staging/2`. */
  place: string;
  /** What the host said, without secrets. */
  log: string;
}

/** Why a host could not even begin: by the word that its script answers. */
export function blockedBy(
  blocked: Exclude<HostResult["blocked"], "none">,
  { address, stack, log }: Where,
): SluiceError {
  const detail = shortened(log);
  const unsuitable = (reason: string, hint: string) =>
    new SluiceError("COMPOSE_HOST_UNSUITABLE", `${address.text} ${reason}`, { detail, hint });
  switch (blocked) {
    case "docker":
      return unsuitable("has no docker on the PATH of its user", "install Docker Engine there");
    case "flock":
      return unsuitable("has no flock on the PATH of its user", "install util-linux there");
    case "daemon":
      return unsuitable(
        `has a Docker that doesn't answer ${address.user}`,
        `start it there, and let the user in: usermod --append --groups docker ${address.user}`,
      );
    case "compose":
      return unsuitable(
        "has no Docker Compose, or one that is too old: expected 2.24 or newer",
        "install docker-compose-plugin there",
      );
    case "denied":
      return denied(address, stack, detail);
    case "foreign":
      return new SluiceError(
        "COMPOSE_HOST_FOREIGN",
        `${stack.home} on ${address.text} has a compose.yaml or .env that Sluice did not write`,
        {
          detail,
          hint: "name another directory, or move both away; variables of the host's own go into host.env beside them",
        },
      );
    case "full":
      return hostFull(address, log);
    case "busy":
      return new SluiceError(
        "COMPOSE_HOST_BUSY",
        `another deployment is at work in ${stack.home} on ${address.text}`,
        { detail, hint: "wait until it has ended, then try again" },
      );
  }
}

/** What became of a deployment that failed; undefined for one that did not. */
export function failureOf(
  { outcome, step, blocked, restored, maintenance }: HostResult,
  where: Where,
): SluiceError | undefined {
  const { address, stack, place, log } = where;
  const detail = shortened(log);
  const stuck = `the maintenance mode of ${place} could not be switched off`;
  if (outcome !== "failed") {
    if (maintenance === "off") return undefined;
    return new SluiceError("COMPOSE_MAINTENANCE_STUCK", `${place} is deployed, but ${stuck}`, {
      detail,
      hint: `switch it off by hand on ${address.host}, in ${stack.home}`,
    });
  }
  if (blocked !== "none") return blockedBy(blocked, where);
  const [code, reason, hint] = reasonOf(step, where);
  if (code === "COMPOSE_HOST_FULL") return hostFull(address, log);
  const after = [...(maintenance === "stuck" ? [stuck] : []), outcomes[restored]].join("; ");
  return new SluiceError(code, `${reason}; ${after}`, {
    detail,
    hint: maintenance === "stuck" || restored === "failed" ? byHand(where) : hint,
  });
}

const outcomes: Readonly<Record<HostResult["restored"], string>> = {
  untouched: "nothing that runs there was changed",
  previous: "what ran there before runs again",
  stopped: "nothing ran there before, so what was started is stopped",
  same: "it is the very release that ran there before",
  failed: "going back to what ran there before failed too",
};

function reasonOf(
  step: HostResult["step"],
  { address, stack, place, log }: Where,
): [code: string, reason: string, hint: string] {
  const at = `${place} on ${address.text}`;
  switch (step) {
    case "check":
    case "files":
      if (saysFull(log)) return ["COMPOSE_HOST_FULL", "", ""];
      if (/permission denied|read-only file system/i.test(log)) {
        const { code, reason, hint = "" } = denied(address, stack);
        return [code, reason, hint];
      }
      return [
        "COMPOSE_MANIFEST_REFUSED",
        `Docker Compose on ${address.text} refuses the manifest of ${place}`,
        "correct the files that are laid over the manifest, and host.env on the host",
      ];
    case "pull":
      if (saysFull(log)) return ["COMPOSE_HOST_FULL", "", ""];
      if (/unauthorized|authentication required|no basic auth|access.*denied/i.test(log)) {
        return [
          "COMPOSE_REGISTRY_REFUSED",
          `the registry refuses to give ${at} its images`,
          "give credentials that may read them: with-registry-auth",
        ];
      }
      return [
        "COMPOSE_PULL_FAILED",
        `${at} can't pull its images`,
        "check that the host reaches the registry, then deploy again",
      ];
    case "maintenance":
      return [
        "COMPOSE_MAINTENANCE_FAILED",
        `the maintenance mode of ${at} could not be switched on`,
        `run the command on the host, in ${stack.home}, and correct what it says`,
      ];
    case "migrate":
      return [
        "COMPOSE_MIGRATION_FAILED",
        `the migration for ${at} failed`,
        "read what it says; correct it, and promote the correction",
      ];
    case "up":
      return [
        "COMPOSE_DEPLOY_FAILED",
        `${at} did not become healthy`,
        "read the containers' logs; correct it, and promote the correction",
      ];
    case "watch":
      return [
        "COMPOSE_DEPLOY_FAILED",
        `${at} became healthy and did not stay so`,
        "read the containers' logs; correct it, and promote the correction",
      ];
    case "verify":
      return [
        "COMPOSE_DEPLOY_FAILED",
        `${at} does not run the images that were promoted`,
        "look whether a file that is laid over the manifest names an image",
      ];
  }
}

function denied(address: Address, { home }: Stack, detail?: string): SluiceError {
  return new SluiceError(
    "COMPOSE_HOST_DENIED",
    `${address.user} may not write to ${home} on ${address.text}`,
    {
      ...(detail === undefined ? {} : { detail }),
      hint: `run there: install --directory --owner ${address.user} ${home}`,
    },
  );
}

function byHand({ address, stack }: Where): string {
  return `look there at once: ssh -p ${address.port} ${address.user}@${address.host}; cd ${stack.home}; docker compose ps --all`;
}
