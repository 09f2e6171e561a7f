import { SluiceError } from "../../core/error.ts";
import { keyOf } from "../../core/key.ts";
import type { Session } from "../../core/session.ts";
import type { ExposedPort } from "../container/state.ts";
import { forward, type Proxy } from "./proxy.ts";
import { Service, type Running } from "./service.ts";

/** Ports as `host.service`, `host.tunnel` and `up` take them. */
export interface Forward {
  backend: number;
  frontend?: number;
  protocol?: "TCP" | "UDP";
}

/** Something that listens on this host, offered to containers. */
export class HostService extends Service {
  readonly key: string;

  constructor(
    session: Session,
    private readonly forwards: Forward[],
    private readonly host: string,
  ) {
    super(session);
    refuseUdp(forwards);
    this.key = keyOf("host-service", host, JSON.stringify(forwards));
  }

  async hostname(): Promise<string> {
    return (await (await this.session.runtime()).hostAccess()).ip;
  }

  async ports(): Promise<ExposedPort[]> {
    return this.forwards.map((item) => ({
      port: item.frontend ?? item.backend,
      protocol: "TCP",
      experimentalSkipHealthcheck: false,
    }));
  }

  protected async launch(): Promise<Running> {
    const { listen, ip } = await (await this.session.runtime()).hostAccess();
    const proxies: Proxy[] = [];
    for (const { backend, frontend } of this.forwards) {
      proxies.push(
        await forward(listen, frontend ?? backend, () => ({ host: this.host, port: backend })),
      );
    }
    return {
      ip,
      dial: (port) => {
        const found = this.forwards.find((item) => (item.frontend ?? item.backend) === port);
        return { host: this.host, port: found?.backend ?? port };
      },
      stop: async () => void (await Promise.all(proxies.map((proxy) => proxy.close()))),
    };
  }
}

/** A service of the session, offered on this host's loopback. */
export class Tunnel extends Service {
  readonly key: string;

  constructor(
    private readonly upstream: Service,
    private readonly forwards: Forward[],
    /** Same port numbers on the host as in the service. */
    private readonly native: boolean,
  ) {
    super(upstream.session);
    refuseUdp(forwards);
    this.key = keyOf("tunnel", upstream.key, JSON.stringify(forwards), native);
  }

  async hostname(): Promise<string> {
    return "localhost";
  }

  async ports(): Promise<ExposedPort[]> {
    await this.start();
    return [...this.#listening.values()].map((proxy) => ({
      port: proxy.port,
      protocol: "TCP",
      experimentalSkipHealthcheck: false,
    }));
  }

  readonly #listening = new Map<number, Proxy>();

  protected async launch(): Promise<Running> {
    const running = await this.upstream.start();
    const wanted = await this.#wanted();
    for (const { backend, frontend } of wanted) {
      this.#listening.set(
        backend,
        await forward("127.0.0.1", frontend ?? 0, () => running.dial(backend)),
      );
    }
    return {
      ip: "127.0.0.1",
      dial: (port) => ({ host: "127.0.0.1", port }),
      stop: async () => {
        await Promise.all([...this.#listening.values()].map((proxy) => proxy.close()));
        this.#listening.clear();
      },
    };
  }

  async #wanted(): Promise<Forward[]> {
    if (this.forwards.length > 0) return this.forwards;
    const exposed = await this.upstream.ports();
    if (exposed.length === 0) {
      throw new SluiceError("NO_PORTS", "no ports to forward", {
        hint: "Expose a port with withExposedPort, or name the ports.",
      });
    }
    return exposed.map(({ port }) => ({ backend: port, frontend: this.native ? port : undefined }));
  }
}

function refuseUdp(forwards: Forward[]): void {
  if (forwards.some((item) => item.protocol === "UDP")) {
    throw new SluiceError(
      "UNSUPPORTED_ARGUMENT",
      "forwarding UDP ports is not supported by the embedded engine",
    );
  }
}
