import type { Duplex } from "node:stream";
import { secretFilter } from "../../core/scrub.ts";
import { removeContainer } from "../sweep.ts";
import type { ProcessResult, ProcessSpec } from "../types.ts";
import type { Workshop } from "../workshop.ts";
import { configOf, hostOf } from "./body.ts";
import { createContainer, waitForExit } from "./containers.ts";
import { prepareMounts } from "./mounts.ts";
import { secretsOf } from "./secrets.ts";
import { demultiplex } from "./output.ts";
import { Spool } from "./spool.ts";
import { startAttached } from "./start.ts";
import { type StartFailure, startFailureOf } from "./start-failure.ts";
import { Stopped } from "./stopped.ts";

/** Runs a process to completion. Ends and removes it when the session ends first. */
export async function run(workshop: Workshop, spec: ProcessSpec): Promise<ProcessResult> {
  const { daemon, capabilities, images, network, signal } = workshop;
  const [image, mounts] = await Promise.all([
    images.inspect(spec.image),
    prepareMounts(workshop, spec.image, spec.mounts),
  ]);
  let id: string | undefined;
  try {
    id = await createContainer(workshop, {
      image: spec.image,
      kind: "exec",
      key: spec.key,
      platform: spec.platform,
      config: configOf(spec, image.config.env),
      host: {
        ...hostOf(spec, capabilities.init),
        ...mounts.host,
        // Services are found by name and address there, also by commands that are not bound to them.
        ...(spec.hosts.length > 0 || network.isUsed ? { NetworkMode: await network.id() } : {}),
      },
    });
    const outcome = await execute(workshop, id, spec);
    const options = {
      base: spec.image,
      secretEnv: spec.secretEnv,
      key: spec.key,
    };
    return { ...outcome, container: new Stopped(workshop, id, options, () => mounts.remove()) };
  } catch (error) {
    if (id !== undefined) await removeContainer(daemon, id).catch(() => undefined);
    await mounts.remove().catch(() => undefined);
    if (signal.aborted) throw signal.reason as Error;
    throw error;
  }
}

type Outcome = Omit<ProcessResult, "container">;

async function execute(workshop: Workshop, id: string, spec: ProcessSpec): Promise<Outcome> {
  const { signal, store } = workshop;
  const { stream, failure } = await startAttached(workshop, id, spec);
  const stop = (): void => void stream.destroy();
  signal.addEventListener("abort", stop, { once: true });
  const filters = {
    stdout: secretFilter(secretsOf(spec)),
    stderr: secretFilter(secretsOf(spec)),
  };
  const spools = { stdout: new Spool(store), stderr: new Spool(store), combined: new Spool(store) };
  const keep = async (source: "stdout" | "stderr", bytes: Buffer): Promise<void> => {
    await spools[source].write(bytes);
    await spools.combined.write(bytes);
  };
  try {
    if (failure) return await failedStart(workshop, failure);
    const reading = (async () => {
      for await (const { source, bytes } of demultiplex(stream)) {
        await keep(source, filters[source].push(bytes));
      }
      for (const source of ["stdout", "stderr"] as const) await keep(source, filters[source].end());
    })();
    reading.catch(() => undefined);
    if (spec.stdin) feed(stream, spec.stdin);
    const exitCode = await waitForExit(workshop, id);
    await reading;
    const [stdout, stderr, combined] = await Promise.all([
      spools.stdout.end(),
      spools.stderr.end(),
      spools.combined.end(),
    ]);
    const late = startFailureOf(exitCode, spools.stderr.head(), spec.args[0] ?? "");
    if (late && stdout.size === 0) return await failedStart(workshop, late);
    return { exitCode, stdout, stderr, combined };
  } catch (error) {
    for (const spool of Object.values(spools)) spool.abandon();
    throw error;
  } finally {
    signal.removeEventListener("abort", stop);
    stream.destroy();
  }
}

async function failedStart({ store }: Workshop, failure: StartFailure): Promise<Outcome> {
  const [stdout, stderr] = await Promise.all([
    store.putBytes(new Uint8Array()),
    store.putBytes(Buffer.from(failure.stderr)),
  ]);
  return { exitCode: failure.exitCode, stdout, stderr, combined: stderr };
}

/** A process that ends without reading all of its input is its own business, not an error. */
function feed(stream: Duplex, input: Uint8Array): void {
  stream.on("error", () => undefined);
  stream.end(input);
}
