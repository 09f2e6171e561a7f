import { SluiceError } from "../../core/error.ts";
import { Tree } from "../../content/tree.ts";
import { keyOf } from "../../core/key.ts";
import type { Session } from "../../core/session.ts";
import type { ExposedPort } from "../container/state.ts";
import { TreeRootfs } from "../container/rootfs.ts";
import { accepts } from "./health.ts";
import { forward, type Proxy } from "./proxy.ts";
import { Service, type Running } from "./service.ts";

/** Ports as `host.service`, `host.tunnel` and `up` take them. */
export interface Forward {
  backend: number;
  frontend?: number;
  protocol?: "TCP" | "UDP";
}

/**
 * Something that listens on this host, offered to containers. A relay container gives it an address
 * of its own, so several host services may use the same port and none needs a privileged one here.
 */
export class HostService extends Service {
  readonly key: string;

  constructor(
    session: Session,
    private readonly forwards: Forward[],
    private readonly host: string,
  ) {
    super(session);
    if (forwards.length === 0)
      throw new SluiceError("NO_PORTS", "no ports specified", {
        hint: "Name the ports to forward.",
      });
    refuseUdp(forwards);
    this.key = keyOf("host-service", host, JSON.stringify(forwards));
  }

  async hostname(): Promise<string> {
    return `h${this.key.slice(0, 12)}`;
  }

  async ports(): Promise<ExposedPort[]> {
    return this.forwards.map((item) => ({
      port: item.frontend ?? item.backend,
      protocol: "TCP",
      experimentalSkipHealthcheck: false,
    }));
  }

  protected async launch(): Promise<Running> {
    const runtime = await this.session.runtime();
    const { listen, ip } = await runtime.hostAccess();
    const proxies = await Promise.all(
      this.forwards.map(({ backend }) =>
        forward(listen, 0, () => ({ host: this.host, port: backend })),
      ),
    );
    const relays = this.forwards.map(({ frontend, backend }, index) => {
      const target = `${ip} ${proxies[index]?.port ?? 0}`;
      return `/busybox nc -ll -p ${frontend ?? backend} -e /busybox nc ${target}`;
    });
    const ports = this.forwards.map((item) => item.frontend ?? item.backend);
    const relay = await runtime.start({
      key: this.key,
      image: await this.#relayImage(),
      platform: runtime.platform,
      args: ["/busybox", "sh", "-c", `${relays.join(" & ")} & wait`],
      env: [],
      secretEnv: [],
      user: "",
      workdir: "/",
      mounts: [],
      hosts: ip === "host-gateway" ? [{ name: "host-gateway", ip }] : [],
      privileged: false,
      init: true,
      hostnames: [await this.hostname()],
      ports: ports.map((port) => ({ port, protocol: "tcp" as const })),
    });
    await Promise.all(ports.map((port) => accepts(relay.dial(port), this.session.signal)));
    return {
      ip: relay.ip,
      // From this host there is no need to go through the relay.
      dial: (port) => {
        const found = this.forwards.find((item) => (item.frontend ?? item.backend) === port);
        return { host: this.host, port: found?.backend ?? port };
      },
      stop: async () => {
        await Promise.all([relay.stop({ graceMs: 0 }), ...proxies.map((proxy) => proxy.close())]);
      },
    };
  }

  #relayImage(): Promise<string> {
    return this.session.once(keyOf("relay-image"), async () => {
      const runtime = await this.session.runtime();
      const blob = await this.session.store.putBytes(await runtime.toolbox());
      const tree = Tree.of([
        ["busybox", { kind: "file", mode: 0o755, uid: 0, gid: 0, mtime: 0, blob }],
      ]);
      return new TreeRootfs(this.session, runtime.platform, async () => tree).image();
    });
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
