import { slugOf } from "../../pipeline/slug.ts";
import { absolutePath, commandWords, oneLine, systemUser } from "./systemd.ts";

/** A host that follows a channel by itself. */
export interface FollowOptions {
  /** Name of the pipeline. */
  pipeline: string;
  /** Name of the target. */
  target: string;
  slot?: number | undefined;
  /** Pause between the end of one deployment and the next look; at least 10 s. */
  everyMs: number;
  /** The longest that one may take; default: half an hour. */
  timeoutMs?: number;
  /** What deploys, word by word; the first one is the absolute path of a program. */
  command: readonly string[];
  /** Absolute path of a checkout of the repository, which has the pipeline file. */
  checkout: string;
  /** Branch of its `origin` that the checkout follows before each look; default: it stays as it is. */
  branch?: string | undefined;
  /** User that it runs as; it needs the checkout, and Docker. */
  user: string;
  /** Names of the settings that the command takes from its environment. */
  settings: readonly string[];
}

/**
 * Units for systemd that deploy from the host itself, with nobody reaching in from outside: a
 * service that runs the same command as anybody else would, a timer that starts it, and an example
 * of the file that has its settings. Nothing of a secret is in them.
 *
 * @returns texts by file name: `sluice-shop-live.service`, `.timer`, `.env.example`
 * @throws SluiceError `SYSTEMD_VALUE_INVALID` for a value that no unit can carry
 */
export function systemdUnits(options: FollowOptions): Readonly<Record<string, string>> {
  const { pipeline, target, slot, settings } = options;
  const place = slot === undefined ? target : `${target}-${slot}`;
  const name = `sluice-${slugOf(`${pipeline} ${place}`)}`;
  return {
    [`${name}.service`]: service(options, name, place),
    [`${name}.timer`]: timer(options, place),
    [`${name}.env.example`]: [
      `# Copy to ${environmentFile(name)}, readable by root only (mode 0600), and fill in.`,
      "# A value of several lines, such as a private key, goes between double quotes.",
      ...settings.map((setting) => `${setting}=`),
      "",
    ].join("\n"),
  };
}

const HALF_AN_HOUR_MS = 30 * 60_000;
const SHORTEST_MS = 10_000;

function service(
  { pipeline, command, checkout, branch, user, timeoutMs = HALF_AN_HOUR_MS }: FollowOptions,
  name: string,
  place: string,
): string {
  const folder = absolutePath("the checkout", checkout);
  const follow = ["/usr/bin/git", "pull", "--quiet", "--ff-only", "--", "origin", branch ?? ""];
  return [
    "[Unit]",
    `Description=Deploys what ${oneLine("the pipeline", pipeline)} promotes to ${oneLine("the place", place)}`,
    "Wants=network-online.target",
    "After=network-online.target docker.service",
    "",
    "[Service]",
    "Type=oneshot",
    `User=${systemUser(user)}`,
    `WorkingDirectory=${folder}`,
    `EnvironmentFile=${environmentFile(name)}`,
    ...(branch === undefined ? [] : [`ExecStartPre=${commandWords(follow)}`]),
    `ExecStart=${commandWords(command)}`,
    `TimeoutStartSec=${Math.ceil(timeoutMs / 1000)}`,
    "UMask=0077",
    // Docker does what needs rights; the command has none.
    "NoNewPrivileges=yes",
    "CapabilityBoundingSet=",
    "ProtectSystem=full",
    "ProtectClock=yes",
    "ProtectControlGroups=yes",
    "ProtectHostname=yes",
    "ProtectKernelLogs=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelTunables=yes",
    "LockPersonality=yes",
    "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
    "RestrictNamespaces=yes",
    "RestrictRealtime=yes",
    "RestrictSUIDSGID=yes",
    "SystemCallArchitectures=native",
    "",
  ].join("\n");
}

function timer({ pipeline, everyMs }: FollowOptions, place: string): string {
  const seconds = Math.ceil(Math.max(SHORTEST_MS, everyMs) / 1000);
  return [
    "[Unit]",
    `Description=Looks for what ${oneLine("the pipeline", pipeline)} promotes to ${oneLine("the place", place)}`,
    "",
    "[Timer]",
    // Also when it is long past: a timer that is started later looks at once.
    "OnBootSec=60",
    // From the end of the last one: two never run at a time.
    `OnUnitInactiveSec=${seconds}`,
    `RandomizedDelaySec=${Math.ceil(seconds / 10)}`,
    "AccuracySec=1",
    "",
    "[Install]",
    "WantedBy=timers.target",
    "",
  ].join("\n");
}

function environmentFile(name: string): string {
  return `/etc/sluice/${name}.env`;
}
