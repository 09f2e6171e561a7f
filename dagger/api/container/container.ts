import type { ImageVariant } from "../../docker/types.ts";
import { keyOf } from "../../core/key.ts";
import type { Node } from "../../core/node.ts";
import type { Session } from "../../core/session.ts";
import { Tree } from "../../content/tree.ts";
import { TreeRootfs } from "./rootfs.ts";
import { emptyConfig, type ContainerState } from "./state.ts";

type KeyParts = readonly (string | number | boolean | undefined)[];

/** A container by recipe: nothing is pulled, built or run until a result is asked for. */
export class Container implements Node {
  readonly typeName = "Container";

  constructor(
    readonly session: Session,
    readonly key: string,
    private readonly load: () => Promise<ContainerState>,
  ) {}

  /** An empty container for `platform` (default: what the runtime runs on). */
  static scratch(session: Session, platform?: string): Container {
    return new Container(session, keyOf("container", platform), async () => {
      const wanted = platform ?? (await defaultPlatform(session));
      return {
        platform: wanted,
        rootfs: new TreeRootfs(session, wanted, async () => Tree.empty),
        config: emptyConfig,
        annotations: {},
        mounts: [],
        secretEnv: [],
        volatileEnv: [],
        services: [],
        ports: [],
        auth: [],
        imageRef: null,
      };
    });
  }

  state(): Promise<ContainerState> {
    return this.session.once(keyOf("container-state", this.key), this.load);
  }

  /** A container made from this one; `parts` must name everything that `change` depends on. */
  derive(
    parts: KeyParts,
    change: (state: ContainerState) => ContainerState | Promise<ContainerState>,
  ): Container {
    const key = keyOf("container", this.key, parts);
    return new Container(this.session, key, async () => change(await this.state()));
  }

  /** Shorthand for changes of the image config alone. */
  configure(
    parts: KeyParts,
    change: (config: ContainerState["config"]) => ContainerState["config"],
  ): Container {
    return this.derive(parts, (state) => ({ ...state, config: change(state.config) }));
  }

  /** The image that this container is when published. */
  async variant(): Promise<ImageVariant> {
    const state = await this.state();
    const ports = state.ports.map((port) => `${port.port}/${port.protocol.toLowerCase()}`);
    return {
      image: await state.rootfs.image(),
      platform: state.platform,
      config: { ...state.config, exposedPorts: ports },
      annotations: { ...state.annotations },
    };
  }
}

/** `linux/amd64` or `linux/arm64`: what the container runtime runs natively. */
export async function defaultPlatform(session: Session): Promise<string> {
  return (await session.runtime()).platform;
}
