import type { Flag } from "../grammar/flags.ts";
import { moduleFlag } from "../options.ts";
import type { Command } from "./command.ts";

/** For commands that print a function's result. */
export const resultFlags: readonly Flag[] = [
  moduleFlag,
  { name: "json", short: "j", isSwitch: true, description: "Present result as JSON" },
  {
    name: "output",
    short: "o",
    type: "string",
    description: "Save the result to a local file or directory",
  },
];

const listFlag: Flag = {
  name: "list",
  short: "l",
  isSwitch: true,
  description: "List what there is instead of running it",
};

/** Every command, in the order of `sluice --help`. */
export const commands: readonly Command[] = [
  {
    name: "call",
    usage: "[options] <function> [arguments] [<function>…]",
    summary: "Call one or more functions, chained into a pipeline",
    details:
      "Flags belong to the function they follow. Results go to stdout, progress to stderr.\n" +
      "Secrets are given as env:NAME, file:path or cmd:command.",
    examples: [
      "sluice call --help",
      "sluice call build",
      "sluice call --ghcr-token env:TOKEN publish json",
      "sluice call smoke-verify --tag prod logs export --path ./logs",
    ],
    flags: resultFlags,
    group: "Release commands",
    reads: "chain",
    inDagger: true,
    load: () => import("./call.ts"),
  },
  {
    name: "functions",
    usage: "[options] [function]…",
    summary: "List available functions",
    examples: ["sluice functions", "sluice functions build"],
    flags: [moduleFlag],
    group: "Release commands",
    reads: "fixed",
    inDagger: true,
    load: () => import("./functions.ts"),
  },
  {
    name: "check",
    aliases: ["checks"],
    usage: "[options] [pattern]…",
    summary: "Run the module's checks, all at once; exits 1 when one fails",
    examples: ["sluice check", "sluice check -l", "sluice check 'config:*'"],
    flags: [
      moduleFlag,
      listFlag,
      { name: "failfast", isSwitch: true, description: "Stop at the first failure" },
      { name: "no-generate", isSwitch: true, description: "Leave out generators run as checks" },
      { name: "generate", isSwitch: true, description: "Run only generators as checks" },
    ],
    group: "Release commands",
    reads: "fixed",
    inDagger: true,
    load: () => import("./check.ts"),
  },
  {
    name: "generate",
    usage: "[options] [pattern]…",
    summary: "Run the module's generators and apply what they change",
    examples: ["sluice generate", "sluice generate -y"],
    flags: [moduleFlag, listFlag],
    group: "Release commands",
    reads: "fixed",
    inDagger: true,
    load: () => import("./generate.ts"),
  },
  {
    name: "init",
    usage: "[options] [directory]",
    summary: "Write a first release.yaml from the Dockerfiles and compose file found",
    examples: ["sluice init --dry-run", "sluice init"],
    flags: [
      { name: "dry-run", isSwitch: true, description: "Print the file instead of writing it" },
      { name: "force", isSwitch: true, description: "Overwrite a release.yaml that exists" },
    ],
    group: "Release commands",
    reads: "fixed",
    inDagger: false,
    load: () => import("./init.ts"),
  },
  {
    name: "run",
    aliases: ["r"],
    usage: "[options] <command>…",
    summary: "Run a program that uses a Dagger SDK, in a session of its own",
    details:
      "Sets DAGGER_SESSION_PORT and DAGGER_SESSION_TOKEN for the program; its exit code is passed on.",
    examples: ["sluice run node release.mjs"],
    flags: [
      {
        name: "cleanup-timeout",
        type: "duration",
        description: "How long the program may take to end after an interrupt",
        defaultText: "10s",
      },
    ],
    group: "Engine commands",
    reads: "leading",
    inDagger: true,
    load: () => import("./run.ts"),
  },
  {
    name: "session",
    usage: "[options] [-- <command>…]",
    summary: "Serve a session until standard input closes; prints its port and token as JSON",
    details: "SDKs start their engine with it. With a command it does what `sluice run` does.",
    flags: [
      { name: "port", type: "int", description: "Port on 127.0.0.1; by default a free one" },
      { name: "label", type: "string", hidden: true, description: "Accepted for SDKs" },
      { name: "version", type: "string", hidden: true, description: "Accepted for SDKs" },
    ],
    group: "Engine commands",
    reads: "leading",
    inDagger: true,
    load: () => import("./session.ts"),
  },
  {
    name: "prune",
    usage: "[options]",
    summary: "Remove what the embedded engine keeps between runs: caches on disk and in Docker",
    flags: [
      { name: "dry-run", isSwitch: true, description: "Say what would go, and how much it takes" },
    ],
    group: "Engine commands",
    reads: "fixed",
    inDagger: false,
    load: () => import("./prune.ts"),
  },
  {
    name: "version",
    usage: "",
    summary: "Print the version of Sluice and of the engine it would use",
    flags: [],
    group: "Engine commands",
    reads: "fixed",
    inDagger: false,
    load: () => import("./version.ts"),
  },
];

/** The command of that name. */
export function findCommand(name: string): Command | undefined {
  return commands.find((command) => command.name === name || command.aliases?.includes(name));
}
