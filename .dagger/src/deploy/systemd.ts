import { SluiceError } from "../error.ts";
import type { Given, Pipeline } from "../pipeline/model.ts";
import { parseDuration } from "../pipeline/schema/duration.ts";
import { systemdUnits } from "./compose-host/timer.ts";
import { placeOf, type PlaceWanted } from "./place.ts";

/** How a host follows its channel by itself. */
export interface UnitsWanted extends PlaceWanted {
  /** Pause between two looks, such as `5m`. */
  every: string;
  /** Where the host has the repository. */
  checkout: string;
  user: string;
  /** Where the host has the launcher. */
  sluice: string;
  /** Names of the options that credentials are given with, such as `registry-auth`. */
  credentials: readonly string[];
}

const CREDENTIALS = [
  ...["registry-auth", "ghcr-token", "dockerhub-token", "git-token", "git-ssh-key"],
  ...["git-known-hosts", "github-token"],
];

/**
 * Units for systemd by which a host deploys itself: the same command as anybody else's, on a timer.
 *
 * @throws SluiceError `ARGUMENTS_INVALID`, `TARGET_UNKNOWN`, `SLOT_INVALID`, `SYSTEMD_VALUE_INVALID`
 */
export function systemdFiles(
  pipeline: Pipeline,
  { every, checkout, user, sluice, credentials, ...wanted }: UnitsWanted,
): Readonly<Record<string, string>> {
  const { target, slot, channel } = placeOf(pipeline, { ...wanted, kind: "compose" });
  const everyMs = parseDuration(every);
  if (everyMs === undefined) throw invalid("--every", every, "a duration such as 5m");
  for (const name of credentials) {
    if (!CREDENTIALS.includes(name)) {
      throw invalid("--credentials", name, `one of ${CREDENTIALS.join(", ")}`);
    }
  }
  const variables = credentials.map((name) => name.toUpperCase().replaceAll("-", "_"));
  const settings = settingsOf(target);
  return systemdUnits({
    ...{ pipeline: pipeline.name, target: target.name, slot, everyMs, checkout, user },
    // Where the channel moves a branch, the checkout follows it.
    branch: channel.branch,
    settings: [...variables, ...settings],
    command: [
      ...[sluice, "call", "--operator", `timer of ${target.name}`],
      ...credentials.flatMap((name, index) => [`--${name}`, `env:${variables[index] ?? ""}`]),
      ...settings.flatMap((name) => ["with-setting", "--name", name, "--value", `env:${name}`]),
      ...["deploy-compose", "--target", target.name],
      ...(slot === undefined ? [] : ["--slot", String(slot)]),
      ...["--wait", "10m", "summary"],
    ],
  });
}

/** Names of all settings that a target takes its values from. */
function settingsOf(target: Pipeline["targets"][number]): string[] {
  const { platform, url, settings, steps } = target;
  const given = (one: Given | undefined) => (one && "setting" in one ? [one.setting] : []);
  const ofHost =
    platform.kind === "compose" ? [...given(platform.host), platform.key, platform.knownHosts] : [];
  return [
    ...new Set([...given(url), ...ofHost, ...settings, ...steps.flatMap((step) => step.settings)]),
  ];
}

function invalid(option: string, found: string, expected: string): SluiceError {
  const shown = JSON.stringify(found.slice(0, 100));
  return new SluiceError("ARGUMENTS_INVALID", `${option}: expected ${expected}, got ${shown}`);
}
