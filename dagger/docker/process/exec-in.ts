import { z } from "zod";
import type { Workshop } from "../workshop.ts";
import { demultiplex } from "./output.ts";
import { Tail } from "./tail.ts";

const created = z.object({ Id: z.string() });
const ended = z.object({ ExitCode: z.number().nullish() });
/** What is kept of each of its streams; bytes. */
const KEPT = 64 * 1024;

/** Runs a command in a container that runs, to its end. */
export async function execIn(
  { daemon, signal }: Workshop,
  container: string,
  args: string[],
): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const { Id } = await daemon.json(created, "POST", `/containers/${container}/exec`, {
    body: { Cmd: args, AttachStdout: true, AttachStderr: true },
    signal,
  });
  const stream = await daemon.hijack(`/exec/${Id}/start`, {
    body: { Detach: false, Tty: false },
    signal,
  });
  const stop = (): void => void stream.destroy();
  signal.addEventListener("abort", stop, { once: true });
  const output = { stdout: new Tail(KEPT), stderr: new Tail(KEPT) };
  try {
    for await (const { source, bytes } of demultiplex(stream)) output[source].write(bytes);
    const { ExitCode } = await daemon.json(ended, "GET", `/exec/${Id}/json`, { signal });
    const { stdout, stderr } = output;
    return { exitCode: ExitCode ?? -1, stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    signal.removeEventListener("abort", stop);
    stream.destroy();
  }
}
