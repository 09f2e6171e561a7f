import { setMaxListeners } from "node:events";
import type { RunningService } from "../../docker/types.ts";
import { ExecFailedError } from "../../core/error.ts";
import { keyOf } from "../../core/key.ts";
import type { Container } from "../container/container.ts";
import { environment, secretVariables } from "../container/exec.ts";
import { commandLine } from "../container/exec-fields.ts";
import { mountSpecs } from "../container/mounts.ts";
import type { ContainerState, ExposedPort } from "../container/state.ts";
import { bindServices } from "./bind.ts";
import { dockerHealthcheck, passes } from "./docker-healthcheck.ts";
import { accepts } from "./health.ts";
import { Service, type Running } from "./service.ts";

export interface ContainerServiceOptions {
  args?: string[];
  useEntrypoint?: boolean;
  expand?: boolean;
  noInit?: boolean;
  insecureRootCapabilities?: boolean;
}

const missingCommand = "no service command has been set";

/** The image's entrypoint is part of its command, unless one was given in its place. */
function withEntrypoint(
  { defaultArgsGiven }: ContainerState,
  options: ContainerServiceOptions,
): ContainerServiceOptions {
  if (options.args?.length || defaultArgsGiven) return options;
  return { ...options, useEntrypoint: true };
}

/** A container's command, run in the background. */
export class ContainerService extends Service {
  readonly key: string;

  constructor(
    private readonly container: Container,
    private readonly options: ContainerServiceOptions,
    private readonly customHostname?: string,
  ) {
    super(container.session);
    this.key = keyOf("container-service", container.key, JSON.stringify(options), customHostname);
  }

  withHostname(hostname: string): ContainerService {
    return new ContainerService(this.container, this.options, hostname);
  }

  async hostname(): Promise<string> {
    return this.customHostname ?? `s${this.key.slice(0, 12)}`;
  }

  async ports(): Promise<ExposedPort[]> {
    return exposed(await this.container.state());
  }

  protected async launch(): Promise<Running> {
    const state = await this.container.state();
    const args = commandLine(state, withEntrypoint(state, this.options), missingCommand);
    return this.session.progress.task(`start service ${args.join(" ")}`, async () => {
      const runtime = await this.session.runtime();
      const [image, mounts, hosts, secretEnv] = await Promise.all([
        state.rootfs.image(),
        mountSpecs(state.mounts),
        bindServices(state.services),
        secretVariables(state),
      ]);
      const service = await runtime.start({
        key: this.key,
        image,
        platform: state.platform,
        args,
        env: environment(state),
        secretEnv,
        user: state.config.user,
        workdir: state.config.workdir || "/",
        mounts,
        hosts,
        privileged: this.options.insecureRootCapabilities === true,
        init: this.options.noInit !== true,
        hostnames: [
          await this.hostname(),
          ...(this.customHostname ? [`s${this.key.slice(0, 12)}`] : []),
        ],
        ports: state.ports.map((port) => ({
          port: port.port,
          protocol: port.protocol === "UDP" ? ("udp" as const) : ("tcp" as const),
        })),
      });
      try {
        await this.#healthy(service, state, args);
      } catch (error) {
        await service.stop({ graceMs: 0 });
        throw error;
      }
      return {
        ip: service.ip,
        dial: (port) => service.dial(port),
        stop: (kill) => service.stop(kill ? { signal: "SIGKILL", graceMs: 0 } : {}),
      };
    });
  }

  /**
   * Waits until the container's health check passes, or else every checked port accepts a connection;
   * an exit meanwhile is an ExecError.
   */
  async #healthy(service: RunningService, state: ContainerState, args: string[]): Promise<void> {
    const stop = new AbortController();
    const exited = service.exited.then(async ({ exitCode }) => {
      const { stdout, stderr } = await service.logs();
      throw new ExecFailedError({
        cmd: args,
        exitCode,
        stdout: stdout.trim(),
        stderr: stderr.trim(),
      });
    });
    const checked = exposed(state).filter(
      (port) => port.protocol === "TCP" && !port.experimentalSkipHealthcheck,
    );
    const signal = AbortSignal.any([stop.signal, this.session.signal]);
    setMaxListeners(0, signal);
    const check = dockerHealthcheck(state.config.healthcheck);
    const healthy = check
      ? passes(service, check, signal)
      : checked.length > 0
        ? Promise.all(checked.map((port) => accepts(service.dial(port.port), signal)))
        : // It is up as soon as it runs; give an instant crash its chance to show.
          settle(service);
    try {
      await Promise.race([exited, healthy]);
    } finally {
      stop.abort();
      exited.catch(() => undefined);
      healthy.catch(() => undefined);
    }
  }
}

/** As on Dagger's own engine, EXPOSE in an image is a hint and no promise that something listens. */
const exposed = (state: ContainerState): ExposedPort[] =>
  state.ports.filter((port) => port.declaredByImage !== true);

const graceForCrashMs = 100;

async function settle(service: RunningService): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const grace = new Promise<void>((resolve) => (timer = setTimeout(resolve, graceForCrashMs)));
  // When the process exits first, `exited` in the race above is what counts.
  await Promise.race([grace, service.exited.then(() => new Promise(() => undefined))]);
  clearTimeout(timer);
}
