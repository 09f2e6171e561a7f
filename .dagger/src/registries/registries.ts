import { type Container, dag, type Service } from "@dagger.io/dagger";
import { SluiceError } from "../error.ts";
import { portOf } from "../pipeline/address.ts";
import type { Pipeline, PipelineRegistry, PipelineService } from "../pipeline/model.ts";
import { suggestion } from "../pipeline/suggest.ts";
import { once } from "../once.ts";
import { isEmpty } from "../registry/catalog.ts";
import { RegistryClient } from "../registry/client.ts";
import { parseRepository, type Repository } from "../registry/name.ts";
import { say } from "../report/output.ts";
import type { Logins } from "./logins.ts";
import { registryService } from "./service.ts";

/** What a client asks permission for: credentials that may only read do for reading. */
type Access = "read" | "write";

/** A registry of the pipeline, ready to be asked. */
export class Registry {
  readonly name: string;
  readonly address: string;
  /** Set when it runs as a Dagger service. */
  readonly service: Service | undefined;
  readonly #clients = new Map<Access, Promise<RegistryClient>>();
  /** Where a registry that runs as a service answers. */
  readonly #started = once(() => this.#start());

  constructor(
    { name: pipeline }: Pipeline,
    registry: PipelineRegistry,
    private readonly logins: Logins,
  ) {
    this.name = registry.name;
    this.address = registry.address;
    if (registry.service) this.service = registryService(pipeline, registry.name, registry.service);
  }

  /** `ghcr.io/acme/backend` */
  imageOf({ image }: Pick<PipelineService, "image">): string {
    return `${this.address}/${image}`;
  }

  repositoryOf(service: Pick<PipelineService, "image">): Repository {
    return parseRepository(this.imageOf(service));
  }

  /** A blank container that may pull from here. */
  get blank(): Container {
    return this.signIn(dag.container());
  }

  /** A container that may pull from here and push to here. */
  signIn(container: Container): Container {
    return this.logins.signIn(container);
  }

  /** What `from` and `publish` need to find it. */
  get options(): { registryService?: Service } {
    return this.service ? { registryService: this.service } : {};
  }

  /** Reads its manifests, or writes them, too. Starts a registry that runs as a service. */
  client(access: Access): Promise<RegistryClient> {
    const known = this.#clients.get(access);
    if (known) return known;
    const client = this.#connect(access);
    this.#clients.set(access, client);
    return client;
  }

  async #connect(access: Access): Promise<RegistryClient> {
    const origin = await this.#started();
    return new RegistryClient({
      host: this.#host,
      ...(origin === undefined ? {} : { origin }),
      credentials: this.logins.for(this.#host),
      access,
    });
  }

  get #host(): string {
    return parseRepository(`${this.address}/x`).host;
  }

  async #start(): Promise<string | undefined> {
    if (!this.service) return undefined;
    const origin = await originOf(this.service, this.address);
    const { connection } = new RegistryClient({ host: this.#host, origin });
    // What is on a volume may have gone without a word, and looks like a beginning then.
    if (await isEmpty(connection)) {
      say(
        `registry ${this.name} (${this.address}) holds nothing: it is new, or the engine has removed its volume, as engines do when the disk is full`,
      );
    }
    return origin;
  }
}

async function originOf(service: Service, address: string): Promise<string> {
  const port = portOf(address);
  const running = await service.start();
  return running.endpoint({ scheme: "http", ...(port === undefined ? {} : { port }) });
}

/** All registries of a pipeline, in its order. */
export class Registries {
  readonly all: readonly Registry[];

  constructor(
    private readonly pipeline: Pipeline,
    logins: Logins,
  ) {
    this.all = pipeline.registries.map((registry) => new Registry(pipeline, registry, logins));
  }

  /** The registry of that name; the first one without a name. Throws `REGISTRY_UNKNOWN`. */
  named(name?: string): Registry {
    const [first] = this.all;
    const found = name === undefined ? first : this.all.find((one) => one.name === name);
    if (found) return found;
    const known = this.all.map((one) => one.name);
    throw new SluiceError(
      "REGISTRY_UNKNOWN",
      `${this.pipeline.file} has no registry ${JSON.stringify(name)}${suggestion(name ?? "", known)}`,
      { hint: `name one of: ${known.join(", ")}` },
    );
  }
}
