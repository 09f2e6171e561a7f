import { z } from "zod";
import type { ImageAssembly, RegistryCredentials, StoredImage } from "../../docker/types.ts";
import { fileToHost } from "../../content/host.ts";
import { keyOf } from "../../core/key.ts";
import type { Session } from "../../core/session.ts";
import { field, type TypeDefinition } from "../define.ts";
import { File } from "../files/file.ts";
import { hostPath } from "../host/path.ts";
import { Service } from "../services/service.ts";
import { Container } from "./container.ts";
import { ImageRootfs } from "./rootfs.ts";
import {
  envValue,
  expandVariables,
  withEnv,
  type ContainerState,
  type ExposedPort,
} from "./state.ts";

const assemblyArgs = {
  platformVariants: z.array(z.instanceof(Container)).default([]),
  forcedCompression: z.enum(["Gzip", "Zstd", "Uncompressed"]).optional(),
  mediaTypes: z.enum(["OCI", "OCIMediaTypes", "DOCKER", "DockerMediaTypes"]).optional(),
};
type AssemblyArgs = z.output<z.ZodObject<typeof assemblyArgs>>;

/** Images in and out: registries, tarballs, the daemon's own store. */
export const imageFields: TypeDefinition<Container> = {
  from: field(
    { address: z.string(), registryService: z.instanceof(Service).optional() },
    async (self, args) => {
      const container = self.derive(
        ["from", args.address, args.registryService?.key],
        async (state) => {
          const { session } = self;
          const image = await session.progress.task(`pull ${args.address}`, async () => {
            const runtime = await session.runtime();
            return runtime.pull(args.address, {
              platform: state.platform,
              credentials: await credentialsOf(state),
              dial: await dialAddress(args.address, args.registryService),
            });
          });
          return { ...stateFromImage(session, state, image), imageRef: image.ref };
        },
      );
      // Fails here when there is no such image, not only where the container is used.
      await container.state();
      return container;
    },
  ),
  import: field({ source: z.instanceof(File), tag: z.string().optional() }, (self, args) =>
    self.derive(["import", args.source.key, args.tag], async (state) => {
      const { session } = self;
      const runtime = await session.runtime();
      const { blob } = await args.source.entry();
      return stateFromImage(
        session,
        state,
        await runtime.load(session.store.stream(blob.digest), {
          tag: args.tag,
          platform: state.platform,
        }),
      );
    }),
  ),
  publish: field(
    { address: z.string(), registryService: z.instanceof(Service).optional(), ...assemblyArgs },
    (self, { address, registryService, ...args }) =>
      self.session.progress.task(`publish ${address}`, async () => {
        const runtime = await self.session.runtime();
        return runtime.publish(address, await assemble(self, args), {
          credentials: await credentialsOf(await self.state()),
          dial: await dialAddress(address, registryService),
        });
      }),
  ),
  asTarball: field(assemblyArgs, (self, args) => tarball(self, args)),
  export: field(
    { path: z.string(), expand: z.boolean().optional(), ...assemblyArgs },
    async (self, { path, expand, ...args }, { caller, session }) => {
      const target = expand ? expandVariables(path, await self.state()) : path;
      const archive = await tarball(self, args).entry();
      return fileToHost(session.store, archive, hostPath(caller, target), { name: "image.tar" });
    },
  ),
  exportImage: field({ name: z.string(), ...assemblyArgs }, async (self, { name, ...args }) => {
    const runtime = await self.session.runtime();
    const archive = await runtime.tarball(await assemble(self, args));
    const { platform } = await self.state();
    const image = await runtime.load(self.session.store.stream(archive.digest), { platform });
    await runtime.tag(image.id, name);
    return null;
  }),
};

/** A container state whose root file system and defaults are an image's. */
export function stateFromImage(
  session: Session,
  state: ContainerState,
  image: StoredImage,
): ContainerState {
  const env = image.config.env.reduce((merged, item) => {
    const name = item.split("=", 1)[0] ?? "";
    return withEnv(merged, name, envValue([item], name) ?? "");
  }, state.config.env);
  const ports: ExposedPort[] = image.config.exposedPorts.map((exposed) => {
    const [port, protocol] = exposed.split("/");
    const kind = protocol?.toUpperCase() === "UDP" ? "UDP" : "TCP";
    return {
      port: Number(port),
      protocol: kind,
      experimentalSkipHealthcheck: false,
      declaredByImage: true,
    };
  });
  return {
    ...state,
    platform: image.platform,
    rootfs: new ImageRootfs(session, image.platform, image.id),
    config: { ...image.config, env, labels: { ...state.config.labels, ...image.config.labels } },
    ports: [
      ...state.ports,
      ...ports.filter(
        ({ port, protocol }) =>
          !state.ports.some((other) => other.port === port && other.protocol === protocol),
      ),
    ],
    last: undefined,
  };
}

/** Credentials by registry host, as Docker names hosts. */
export async function credentialsOf(
  state: ContainerState,
): Promise<Map<string, RegistryCredentials>> {
  const entries = await Promise.all(
    state.auth.map(async ({ address, username, secret }) => {
      const password = (await secret.plaintext()).trimEnd();
      return [registryHost(address), { username, password }] as const;
    }),
  );
  return new Map(entries);
}

function registryHost(address: string): string {
  const host = address.replace(/^https?:\/\//, "").split("/", 1)[0] ?? "";
  const isHost = /[.:]/.test(host) || host === "localhost";
  return !isHost || host === "index.docker.io" || host === "registry-1.docker.io"
    ? "docker.io"
    : host;
}

/** Where to reach a registry that runs as a service of the session. */
async function dialAddress(
  address: string,
  service: Service | undefined,
): Promise<string | undefined> {
  if (!service) return undefined;
  const running = await service.start();
  const port = /^[^/]+:(\d+)\//.exec(address)?.[1];
  const exposed = await service.ports();
  const target = running.dial(exposed[0]?.port ?? Number(port ?? 80));
  return `${target.host}:${target.port}`;
}

async function assemble(self: Container, args: AssemblyArgs): Promise<ImageAssembly> {
  const given = args.platformVariants;
  // With variants given, an empty receiver only carries credentials.
  const state = await self.state();
  const bare = given.length > 0 && !state.last && state.imageRef === null && (await isEmpty(state));
  const containers = bare ? given : [self, ...given];
  return {
    variants: await Promise.all(containers.map((container) => container.variant())),
    compression: args.forcedCompression?.toLowerCase() as ImageAssembly["compression"],
    mediaTypes: args.mediaTypes?.toLowerCase().startsWith("docker") ? "docker" : "oci",
  };
}

async function isEmpty(state: ContainerState): Promise<boolean> {
  if (state.rootfs instanceof ImageRootfs) return false;
  const found = await state.rootfs.read("/");
  return found.kind === "directory" && found.tree.entries.size === 0;
}

function tarball(self: Container, args: AssemblyArgs): File {
  const { platformVariants, ...options } = args;
  const key = keyOf(
    "tarball",
    self.key,
    JSON.stringify(options),
    ...platformVariants.map((variant) => variant.key),
  );
  return new File(self.session, key, "image.tar", async () => {
    const runtime = await self.session.runtime();
    const blob = await runtime.tarball(await assemble(self, args));
    return { kind: "file", mode: 0o600, uid: 0, gid: 0, mtime: 0, blob };
  });
}
