import { randomUUID } from "node:crypto";
import {
  dag,
  type Container,
  type Directory,
  type File,
  NetworkProtocol,
  type Service,
} from "@dagger.io/dagger";
import type { ContainerSpec, Prepared, Stage } from "../stage.ts";
import { controlPort, HOME, scripts, supervised } from "./scripts.ts";
import { Supervised } from "./supervised.ts";

/** A static busybox: it runs in any image, also one without a shell or a C library. */
export const BUSYBOX_IMAGE = "busybox:1.37.0-musl";

/** Settings of a stage on a Dagger engine. */
export interface DaggerStageOptions {
  /** Adds registry credentials to a container, before it pulls. Default: none. */
  credentials?: (container: Container) => Container;
  /** A static busybox for the engine's platform. Default: from `busybox:1.37.0-musl`. */
  busybox?: File;
}

/** Containers as services of the Dagger session. */
export class DaggerStage implements Stage {
  readonly #services = new Map<string, Service>();
  readonly #running = new Set<Supervised>();
  readonly #kit: Directory;
  #closed = false;

  constructor(private readonly options: DaggerStageOptions = {}) {
    const busybox = options.busybox ?? dag.container().from(BUSYBOX_IMAGE).file("/bin/busybox");
    this.#kit = Object.entries(scripts).reduce(
      (kit, [name, text]) => kit.withNewFile(name, text, { permissions: 0o755 }),
      dag
        .directory()
        .withFile("busybox", busybox, { permissions: 0o755 })
        .withNewDirectory("run", { permissions: 0o777 }),
    );
  }

  async prepare(spec: ContainerSpec): Promise<Prepared> {
    const blank = this.options.credentials?.(dag.container()) ?? dag.container();
    const { registryService } = spec;
    const image = blank.from(spec.image, registryService ? { registryService } : {});
    const [entrypoint, defaultArgs, ports] = await Promise.all([
      image.entrypoint(),
      image.defaultArgs(),
      exposedPorts(image),
    ]);
    const argv = [...entrypoint, ...(spec.command ?? defaultArgs)];
    return { argv, start: (needs) => this.#start(spec, image, ports, argv, needs) };
  }

  async #start(
    spec: ContainerSpec,
    image: Container,
    exposed: readonly ExposedPort[],
    argv: readonly string[],
    needs: readonly string[],
  ): Promise<Supervised> {
    const control = controlPort([...spec.ports, ...exposed.map(({ port }) => port)]);
    // Part of the arguments, so that no other run's service is equal to this one and taken for it.
    const token = randomUUID();
    const service = needs
      .reduce(
        (container, name) => container.withServiceBinding(name, this.#service(name)),
        withPorts(withEnvironment(image, spec), spec.ports, exposed),
      )
      // An image's HEALTHCHECK would hold the start until it passes; the probes are to see what happens before.
      .withoutDockerHealthcheck()
      .withExposedPort(control)
      .withMountedDirectory(HOME, this.#kit)
      .asService({ args: supervised(spec.name, token, control, argv), useEntrypoint: false });
    if (this.#closed) throw new Error("the verification has ended");
    this.#services.set(spec.name, service);
    await service.start();
    const running = await Supervised.attach({
      token,
      control: await service.endpoint({ port: control }),
      controlPort: control,
      endpoint: (port) => service.endpoint({ port }),
    });
    this.#running.add(running);
    // The stage may have been closed while the engine was busy.
    if (this.#services.get(spec.name) !== service) running.detach();
    return running;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const services = [...this.#services.values()];
    this.#services.clear();
    await Promise.allSettled(services.map((service) => service.stop({ kill: true })));
    for (const running of this.#running) running.detach();
    this.#running.clear();
  }

  #service(name: string): Service {
    const service = this.#services.get(name);
    if (!service) throw new Error(`${name} is needed before it was started`);
    return service;
  }
}

interface ExposedPort {
  port: number;
  protocol: NetworkProtocol;
}

/** Ports that the image exposes by itself. */
async function exposedPorts(image: Container): Promise<ExposedPort[]> {
  const ports = await image.exposedPorts();
  return Promise.all(
    ports.map(async (item) => {
      const [port, protocol] = await Promise.all([item.port(), item.protocol()]);
      return { port, protocol };
    }),
  );
}

function withEnvironment(container: Container, { env, secrets }: ContainerSpec): Container {
  const plain = Object.entries(env).reduce(
    (self, [name, value]) => self.withEnvVariable(name, value),
    container,
  );
  return Object.entries(secrets).reduce(
    (self, [name, value]) => self.withSecretVariable(name, value),
    plain,
  );
}

/** All ports exposed, none checked by the engine: it would wait for ever for a service that never listens. */
function withPorts(
  container: Container,
  dialled: readonly number[],
  exposed: readonly ExposedPort[],
): Container {
  const all = [...exposed, ...dialled.map((port) => ({ port, protocol: NetworkProtocol.Tcp }))];
  return all.reduce(
    (self, { port, protocol }) =>
      self.withExposedPort(port, { protocol, experimentalSkipHealthcheck: true }),
    container,
  );
}
