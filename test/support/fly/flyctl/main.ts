import { deploy } from "./deploy.ts";
import { CommandError } from "./commandError.ts";
import { type Command, parse } from "./flags.ts";
import { configShow, leasesView, logs, releases, status } from "./reads.ts";

/**
 * A stand-in for flyctl, where the real one can't be had: of its commands those that Sluice runs,
 * with the flags that v0.3.200 and v0.4.87 have both, and the JSON that they print.
 */
const commands: Readonly<Record<string, Command>> = {
  deploy: {
    run: deploy,
    strings: [
      ...["app", "config", "image", "env", "strategy", "primary-region", "regions", "wait-timeout"],
      ...["release-command-timeout", "deploy-retries"],
    ],
    booleans: ["remote-only", "skip-release-command", "yes"],
  },
  status: { run: status, strings: ["app", "config"], booleans: ["json"] },
  releases: { run: releases, strings: ["app", "config"], booleans: ["json", "image"] },
  logs: { run: logs, strings: ["app", "config"], booleans: ["json", "no-tail"] },
  "config show": {
    run: configShow,
    strings: ["app", "config"],
    booleans: ["local", "toml", "yaml"],
  },
  "machine leases view": {
    run: leasesView,
    strings: ["app", "config"],
    booleans: ["json"],
    positional: true,
  },
};

process.stderr.write("stand-in flyctl, not Fly's own\n");
try {
  const { command, options } = parse(commands, process.argv.slice(2));
  await command.run(options);
} catch (error) {
  if (!(error instanceof CommandError)) throw error;
  process.stderr.write(`Error: ${error.message}\n`);
  process.exitCode = 1;
}
