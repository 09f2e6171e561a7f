import type { Duplex } from "node:stream";
import { z } from "zod";
import { SluiceError } from "../../core/error.ts";
import { secretFilter } from "../../core/scrub.ts";
import { isNotFound } from "../daemon/errors.ts";
import { removeContainer } from "../sweep.ts";
import type { RunningService, ServiceSpec } from "../types.ts";
import type { Workshop } from "../workshop.ts";
import { configOf, hostOf } from "./body.ts";
import { createContainer, waitForExit } from "./containers.ts";
import { execIn } from "./exec-in.ts";
import { type PreparedMounts, prepareMounts } from "./mounts.ts";
import { demultiplex } from "./output.ts";
import { secretsOf } from "./secrets.ts";
import { startAttached } from "./start.ts";
import { startFailureOf } from "./start-failure.ts";
import { Tail } from "./tail.ts";

const address = z.object({
  NetworkSettings: z.object({
    Networks: z.record(z.string(), z.object({ IPAddress: z.string() })),
    Ports: z.record(z.string(), z.array(z.object({ HostPort: z.string() })).nullish()).nullish(),
  }),
});

/** Time that a service has to end after its stop signal; ms. */
const GRACE_MS = 10_000;

/**
 * Starts a service and answers once its process runs. Whether it answers on its ports is for the
 * caller to find out.
 */
export async function startService(workshop: Workshop, spec: ServiceSpec): Promise<RunningService> {
  const { daemon, signal } = workshop;
  const mounts = await prepareMounts(workshop, spec.image, spec.mounts);
  let id: string | undefined;
  try {
    id = await createService(workshop, spec, mounts);
    const { stream, failure } = await startAttached(workshop, id, spec);
    if (failure) {
      stream.destroy();
      throw new SluiceError("EXEC_START_FAILED", failure.stderr.trim(), {
        extensions: { exitCode: failure.exitCode, stderr: failure.stderr },
      });
    }
    const service = new Service(workshop, spec, id, mounts, stream);
    await service.begin();
    return service;
  } catch (error) {
    if (id !== undefined) await removeContainer(daemon, id).catch(() => undefined);
    await mounts.remove().catch(() => undefined);
    if (signal.aborted) throw signal.reason as Error;
    throw error;
  }
}

async function createService(
  workshop: Workshop,
  spec: ServiceSpec,
  mounts: PreparedMounts,
): Promise<string> {
  const { images, network, capabilities } = workshop;
  const [image, networkId] = await Promise.all([images.inspect(spec.image), network.id()]);
  const ports = spec.ports.map(({ port, protocol }) => `${port}/${protocol}`);
  const publish = capabilities.directContainers
    ? {}
    : {
        PortBindings: Object.fromEntries(
          ports.map((port) => [port, [{ HostIp: "127.0.0.1", HostPort: "" }]]),
        ),
      };
  return createContainer(workshop, {
    image: spec.image,
    kind: "service",
    key: spec.key,
    platform: spec.platform,
    config: {
      ...configOf(spec, image.config.env),
      ExposedPorts: Object.fromEntries(ports.map((port) => [port, {}])),
    },
    host: {
      ...hostOf(spec, capabilities.init),
      ...mounts.host,
      ...publish,
      NetworkMode: networkId,
    },
    networking: { EndpointsConfig: { [networkId]: { Aliases: spec.hostnames } } },
  });
}

class Service implements RunningService {
  ip = "";
  readonly exited: Promise<{ exitCode: number }>;
  readonly #settle: (result: { exitCode: number } | Promise<never>) => void;
  readonly #stdout = new Tail();
  readonly #stderr = new Tail();
  #published = new Map<number, number>();
  #reading: Promise<void> = Promise.resolve();
  #stopping: Promise<void> | undefined;

  constructor(
    private readonly workshop: Workshop,
    private readonly spec: ServiceSpec,
    readonly id: string,
    private readonly mounts: PreparedMounts,
    private readonly stream: Duplex,
  ) {
    const { promise, resolve } = deferred<{ exitCode: number }>();
    this.exited = promise;
    this.#settle = resolve;
    // Whoever does not care how it ended need not handle it.
    this.exited.catch(() => undefined);
  }

  /** Called once, right after the start. */
  async begin(): Promise<void> {
    const { signal } = this.workshop;
    const stop = (): void => void this.stream.destroy();
    signal.addEventListener("abort", stop, { once: true });
    this.#reading = this.#read().finally(() => signal.removeEventListener("abort", stop));
    if (this.spec.stdin) this.stream.end(this.spec.stdin);
    this.#settle(this.#waitForEnd() as Promise<never>);
    await this.#findAddress();
  }

  dial(port: number): { host: string; port: number } {
    if (this.workshop.capabilities.directContainers) return { host: this.ip, port };
    const published = this.#published.get(port);
    if (published === undefined) {
      throw new SluiceError("PORT_NOT_EXPOSED", `port ${port} of the service is not exposed`, {
        hint: "Name it with withExposedPort before the service starts.",
      });
    }
    return { host: "127.0.0.1", port: published };
  }

  async logs(): Promise<{ stdout: string; stderr: string }> {
    return { stdout: this.#stdout.text(), stderr: this.#stderr.text() };
  }

  exec(args: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
    return execIn(this.workshop, this.id, args);
  }

  stop(options: { signal?: string; graceMs?: number } = {}): Promise<void> {
    this.#stopping ??= this.#stop(options);
    return this.#stopping;
  }

  async #stop({ signal = "SIGTERM", graceMs = GRACE_MS }: { signal?: string; graceMs?: number }) {
    const { daemon } = this.workshop;
    if (graceMs > 0 && signal !== "SIGKILL") {
      await daemon
        .call("POST", `/containers/${this.id}/kill`, { query: { signal } })
        .then(() => this.#endsWithin(graceMs))
        // Not running any more: nothing to wait for.
        .catch(() => undefined);
    }
    const exited = this.exited.catch(() => undefined);
    await daemon.call("POST", `/containers/${this.id}/kill`).catch(() => undefined);
    await exited;
    await removeContainer(daemon, this.id).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
    await this.mounts.remove();
  }

  async #endsWithin(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
    await Promise.race([this.exited, deadline]).finally(() => clearTimeout(timer));
  }

  async #read(): Promise<void> {
    const tails = { stdout: this.#stdout, stderr: this.#stderr };
    const filters = {
      stdout: secretFilter(secretsOf(this.spec)),
      stderr: secretFilter(secretsOf(this.spec)),
    };
    try {
      for await (const { source, bytes } of demultiplex(this.stream)) {
        tails[source].write(filters[source].push(bytes));
      }
    } catch {
      // The connection was cut; how the process itself ended is told by the wait.
    } finally {
      for (const source of ["stdout", "stderr"] as const)
        tails[source].write(filters[source].end());
    }
  }

  async #waitForEnd(): Promise<{ exitCode: number }> {
    const exitCode = await waitForExit(this.workshop, this.id);
    await this.#reading;
    const failure = startFailureOf(exitCode, this.#stderr.text(), this.spec.args[0] ?? "");
    return { exitCode: failure?.exitCode ?? exitCode };
  }

  async #findAddress(): Promise<void> {
    const { NetworkSettings } = await this.workshop.daemon.json(
      address,
      "GET",
      `/containers/${this.id}/json`,
    );
    // It is on the session's network alone. Which that is, Podman says by another name.
    this.ip = Object.values(NetworkSettings.Networks)[0]?.IPAddress ?? "";
    for (const [port, bindings] of Object.entries(NetworkSettings.Ports ?? {})) {
      const binding = bindings?.[0];
      if (binding) this.#published.set(Number.parseInt(port, 10), Number(binding.HostPort));
    }
  }
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T | PromiseLike<T>) => void } {
  let resolve!: (value: T | PromiseLike<T>) => void;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}
