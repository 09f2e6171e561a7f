import { posix } from "node:path";
import { z } from "zod";
import { Tree } from "../../content/tree.ts";
import { keyOf } from "../../core/key.ts";
import { field, plain, type TypeDefinition } from "../define.ts";
import { Container } from "./container.ts";
import { ExecRun, lastExec } from "./exec.ts";
import {
  absolute,
  entryOf,
  ExecRootfs,
  isFolder,
  mountsAfter,
  ownerOf,
  putAt,
  readEntry,
} from "./paths.ts";
import { ChangedRootfs } from "./rootfs.ts";
import { expandVariables, type ContainerState } from "./state.ts";
import { SluiceError } from "../../core/error.ts";

const flag = z.boolean().optional();

const output = (which: "stdout" | "stderr" | "combined") =>
  plain(async (self: Container) => {
    const outcome = await lastExec(await self.state()).outcome();
    return (await self.session.store.bytes(outcome[which].digest)).toString("utf8");
  });

/** Running commands and reading what came of them. */
export const execFields: TypeDefinition<Container> = {
  withExec: field(
    {
      args: z.array(z.string()),
      useEntrypoint: flag,
      stdin: z.string().optional(),
      redirectStdin: z.string().optional(),
      redirectStdout: z.string().optional(),
      redirectStderr: z.string().optional(),
      expect: z.enum(["SUCCESS", "FAILURE", "ANY"]).default("SUCCESS"),
      insecureRootCapabilities: flag,
      expand: flag,
      noInit: flag,
    },
    (self, args) => {
      const recipe = keyOf("container", self.key, "withExec", JSON.stringify(args));
      return new Container(self.session, recipe, async () => {
        const state = await self.state();
        if (args.stdin !== undefined && args.redirectStdin !== undefined) {
          throw new SluiceError("INVALID_ARGUMENT", "cannot set both stdin and redirectStdin");
        }
        const stdin =
          args.redirectStdin === undefined
            ? args.stdin
              ? Buffer.from(args.stdin)
              : undefined
            : await bytesAt(self, absolute(state, args.redirectStdin, args.expand), state);
        const run = new ExecRun(self.session, recipe, state, {
          args: commandLine(state, args),
          stdin,
          expect: args.expect,
          privileged: args.insecureRootCapabilities === true,
          init: args.noInit !== true,
        });
        return redirect(self, state, run, args);
      });
    },
  ),
  stdout: output("stdout"),
  stderr: output("stderr"),
  combinedOutput: output("combined"),
  exitCode: plain(async (self) => (await lastExec(await self.state()).outcome()).exitCode),
  sync: plain(async (self) => {
    const state = await self.state();
    if (state.last) await state.last.outcome();
    // A container that was changed after its last command has more to evaluate than the command.
    await state.rootfs.key();
    if (!state.last) await state.rootfs.image();
    return self;
  }),
};

/** The argv to run: entrypoint first when asked for, the default arguments when none are given. */
export function commandLine(
  state: ContainerState,
  options: { args?: string[]; useEntrypoint?: boolean; expand?: boolean },
  missing = "no command has been set",
): string[] {
  const given = options.args?.length ? options.args : (state.config.cmd ?? []);
  const args = options.useEntrypoint ? [...(state.config.entrypoint ?? []), ...given] : given;
  if (args.length === 0) throw new SluiceError("NO_COMMAND", missing);
  return options.expand ? args.map((arg) => expandVariables(arg, state)) : args;
}

function afterExec(state: ContainerState, run: ExecRun): ContainerState {
  const rootfs: ExecRootfs = new ExecRootfs(
    run,
    (changes) => new ChangedRootfs(run.session, state.platform, rootfs, changes),
  );
  return { ...state, rootfs, mounts: mountsAfter(state.mounts, run), last: run, imageRef: null };
}

/** Opens the files that the command's output goes to, before it runs, and writes them after it. */
async function redirect(
  self: Container,
  before: ContainerState,
  run: ExecRun,
  args: { redirectStdout?: string; redirectStderr?: string; expand?: boolean },
): Promise<ContainerState> {
  let result = afterExec(before, run);
  for (const [which, path] of [
    ["stdout", args.redirectStdout],
    ["stderr", args.redirectStderr],
  ] as const) {
    if (!path) continue;
    const target = absolute(before, path, args.expand);
    const name = posix.basename(target);
    const parent = posix.dirname(target);
    if (!(await isFolder(before, parent))) {
      throw new SluiceError(
        "PATH_NOT_FOUND",
        `open redirect ${which} file: open ${target}: no such file or directory`,
      );
    }
    const there = await entryOf(before, target, true);
    const mode = there?.kind === "file" ? there.mode : 0o600;
    const owner = await ownerOf(self, before, before.config.user);
    result = putAt(result, parent, keyOf("redirect", run.id, which), async () => {
      const outcome = await run.outcome();
      const { uid, gid } = { uid: 0, gid: 0, ...owner };
      return Tree.of([[name, { kind: "file", mode, uid, gid, mtime: 0, blob: outcome[which] }]]);
    });
  }
  return result;
}

async function bytesAt(self: Container, path: string, state: ContainerState): Promise<Buffer> {
  const entry = await readEntry(state, path);
  return self.session.store.bytes(entry.blob.digest);
}
