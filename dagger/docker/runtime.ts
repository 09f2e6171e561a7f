import type { Readable } from "node:stream";
import type { Blob, Tree } from "../content/tree.ts";
import { build } from "./build/build.ts";
import { change } from "./image/change.ts";
import { Readers } from "./image/readers.ts";
import { scratchImage } from "./image/scratch.ts";
import { tagImage } from "./image/tag.ts";
import { load } from "./image/load.ts";
import { publish } from "./image/publish.ts";
import { tarball } from "./image/tarball.ts";
import { pull } from "./image/pull.ts";
import { run } from "./process/run.ts";
import { startService } from "./process/service.ts";
import { removeSession, removeVolume } from "./sweep.ts";
import type {
  BuildSpec,
  ImageAssembly,
  ProcessResult,
  ProcessSpec,
  PulledImage,
  RegistryCredentials,
  RootfsChange,
  RunningService,
  Runtime,
  ServiceSpec,
  StoredImage,
} from "./types.ts";
import type { Workshop } from "./workshop.ts";

/** {@link Runtime} on one Docker Engine API. Composes; each verb has a file of its own. */
export class DockerRuntime implements Runtime {
  readonly #workshop: Workshop;
  readonly #readers: Readers;
  readonly #end: () => void;
  /** What is under way; `close` lets it wind up before it looks for what is left. */
  readonly #active = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  /** `end` aborts the workshop's signal. */
  constructor(workshop: Workshop, end: () => void) {
    this.#workshop = workshop;
    this.#readers = new Readers(workshop);
    this.#end = end;
  }

  get platform(): string {
    return this.#workshop.capabilities.platform;
  }

  pull(ref: string, options: Parameters<Runtime["pull"]>[1]): Promise<PulledImage> {
    return this.#track(pull(this.#workshop, ref, options));
  }

  inspect(image: string): Promise<StoredImage> {
    return this.#workshop.images.inspect(image);
  }

  scratch(platform: string, tree: Tree): Promise<StoredImage> {
    return this.#track(scratchImage(this.#workshop, platform, tree));
  }

  build(spec: BuildSpec): Promise<StoredImage> {
    return this.#track(build(this.#workshop, spec));
  }

  change(image: string, platform: string, changes: RootfsChange[]): Promise<string> {
    return this.#track(change(this.#workshop, image, platform, changes));
  }

  archive(image: string, path: string): Promise<Readable> {
    return this.#track(this.#readers.archive(image, path));
  }

  run(spec: ProcessSpec): Promise<ProcessResult> {
    return this.#track(run(this.#workshop, spec));
  }

  start(spec: ServiceSpec): Promise<RunningService> {
    return this.#track(startService(this.#workshop, spec));
  }

  publish(
    address: string,
    assembly: ImageAssembly,
    options: { credentials: ReadonlyMap<string, RegistryCredentials>; dial?: string },
  ): Promise<string> {
    return this.#track(publish(this.#workshop, address, assembly, options));
  }

  tarball(assembly: ImageAssembly): Promise<Blob> {
    return this.#track(tarball(this.#workshop, assembly));
  }

  load(archive: Readable, options?: Parameters<Runtime["load"]>[1]): Promise<StoredImage> {
    return this.#track(load(this.#workshop, archive, options));
  }

  tag(image: string, name: string): Promise<void> {
    return tagImage(this.#workshop.daemon, image, name);
  }

  async hostAccess(): Promise<{ listen: string; ip: string }> {
    // Elsewhere than beside this process, only the daemon knows by which address it finds the host.
    if (!this.#workshop.capabilities.directContainers) {
      return { listen: "127.0.0.1", ip: "host-gateway" };
    }
    const gateway = await this.#workshop.network.gateway();
    return { listen: gateway, ip: gateway };
  }

  toolbox(platform = this.platform): Promise<Uint8Array> {
    return this.#workshop.toolbox(platform);
  }

  volumeRemove(name: string): Promise<void> {
    return removeVolume(this.#workshop.daemon, name);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { daemon, sessionId } = this.#workshop;
    this.#end();
    // First of all what runs: work under way ends at once when its container is gone.
    await removeSession(daemon, sessionId).catch(() => undefined);
    if (this.#active.size > 0) {
      await Promise.allSettled(this.#active);
      await removeSession(daemon, sessionId).catch(() => undefined);
    }
    daemon.destroy();
  }

  #track<T>(work: Promise<T>): Promise<T> {
    this.#active.add(work);
    const forget = (): void => void this.#active.delete(work);
    work.then(forget, forget);
    return work;
  }
}
