import type { OpenSession } from "../../session/open.ts";
import type { Context } from "../context.ts";
import { write } from "../context.ts";
import { interruptible } from "../interrupt.ts";
import { CallError } from "../call/call-error.ts";
import type { Query } from "../call/query.ts";
import { progressView } from "../progress/choose.ts";
import type { ProgressView } from "../progress/view.ts";

/** An open session with what the launcher needs around it. */
export interface Bench {
  open: OpenSession;
  query: Query;
  view: ProgressView;
}

/**
 * Runs `work` in a session of the embedded engine. Whatever happens, the session is closed and
 * everything it started is removed before this settles.
 */
export async function withSession<T>(
  context: Context,
  work: (bench: Bench) => Promise<T>,
  { port, mode = context.options.progress }: { port?: number; mode?: string } = {},
): Promise<T> {
  const { err, options } = context;
  const { colors, stream: stderr } = err;
  const view = progressView({ mode, verbosity: options.verbosity, colors, stderr });
  const { openSession } = await import("../../session/open.ts");
  const open = await openSession({ cwd: context.cwd, port });
  open.session.progress.listen((event) => view.show(event));
  const stop = async (signal: string) => {
    view.stop();
    await write(err, `${signal}: removing what this run started (again to stop at once)\n`);
    // A function may have something to finish first, and says so.
    open.session.progress.listen((event) => {
      if (event.kind === "log" && event.said) void write(err, `│ ${event.text}\n`);
    });
    await open.close({ abort: true });
    await write(err, "Everything that this run started is removed.\n");
  };
  return interruptible(async () => {
    try {
      const query: Query = (source) => ask(open, source);
      const result = await work({ open, query, view });
      await open.close();
      return result;
    } catch (error) {
      context.told.failure = view.showedFailure;
      view.stop();
      await open.close({ abort: true });
      // What a function says of the machine's failure is not the cause.
      const passedOn = error instanceof CallError && error.code === "FUNCTION_FAILED";
      throw (passedOn && open.session.environmentError) || error;
    } finally {
      view.stop();
    }
  }, stop);
}

async function ask(open: OpenSession, source: string): Promise<unknown> {
  const { run } = await import("../../session/executor.ts");
  const { session, caller, api } = open;
  const call = { session, caller, signal: session.signal };
  const { data, errors } = await run(api, source, undefined, call);
  const [first] = errors ?? [];
  if (first) throw new CallError(first.message, first.path, first.extensions);
  return data;
}
