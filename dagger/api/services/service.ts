import { keyOf } from "../../core/key.ts";
import type { Node } from "../../core/node.ts";
import type { Session } from "../../core/session.ts";
import type { ExposedPort } from "../container/state.ts";

/** A service that is up. */
export interface Running {
  /** Where containers of the session find it. */
  ip: string;
  /** Where this host finds a port of it. */
  dial(port: number): { host: string; port: number };
  stop(kill: boolean): Promise<void>;
}

/** Something that listens: a container, this host, or a tunnel. Equal services are one service. */
export abstract class Service implements Node {
  readonly typeName = "Service";
  abstract readonly key: string;

  constructor(readonly session: Session) {}

  /** Ports as declared, without starting anything. */
  abstract ports(): Promise<ExposedPort[]>;
  /** Name by which containers of the session find it. */
  abstract hostname(): Promise<string>;
  protected abstract launch(): Promise<Running>;

  /** Starts it unless it runs already; settles when its health checks pass. */
  start(): Promise<Running> {
    return this.session.once(this.#slot, async () => {
      const running = await this.launch();
      this.session.onClose(() => running.stop(true));
      return running;
    });
  }

  /** What runs now, if anything; starts nothing. */
  running(): Promise<Running> | undefined {
    return this.session.peek<Running>(this.#slot);
  }

  /** Stops it if it runs; a later start begins anew. */
  async stop(kill: boolean): Promise<void> {
    const running = this.running();
    this.session.forget(this.#slot);
    await (await running?.catch(() => undefined))?.stop(kill);
  }

  get #slot(): string {
    return keyOf("service-running", this.key);
  }
}
