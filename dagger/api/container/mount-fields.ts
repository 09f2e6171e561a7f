import { z } from "zod";
import { CacheVolume } from "../cache-volume.ts";
import { field, plain, type TypeDefinition } from "../define.ts";
import { Directory } from "../files/directory.ts";
import { File } from "../files/file.ts";
import { Socket } from "../host/socket.ts";
import { Secret } from "../secret.ts";
import { Service } from "../services/service.ts";
import type { Container } from "./container.ts";
import { absolute, ownerOf } from "./paths.ts";
import type { ContainerState, Mount } from "./state.ts";

const path = z.string();
const flag = z.boolean().optional();
const owner = z.string().optional();

/** Mounts, secrets as files, sockets and service bindings. */
export const mountFields: TypeDefinition<Container> = {
  mounts: plain(async (self) => (await self.state()).mounts.map((mount) => mount.path)),
  withMountedDirectory: field(
    { path, source: z.instanceof(Directory), owner, readOnly: flag, expand: flag },
    (self, { source, ...args }) =>
      self.derive(["withMountedDirectory", source.key, JSON.stringify(args)], async (state) =>
        mount(state, {
          path: absolute(state, args.path, args.expand),
          kind: "directory",
          directory: source,
          readonly: args.readOnly === true,
          owner: await ownerOf(self, state, args.owner),
        }),
      ),
  ),
  withMountedFile: field(
    { path, source: z.instanceof(File), owner, expand: flag },
    (self, { source, ...args }) =>
      self.derive(["withMountedFile", source.key, JSON.stringify(args)], async (state) =>
        mount(state, {
          path: absolute(state, args.path, args.expand),
          kind: "file",
          file: source,
          owner: await ownerOf(self, state, args.owner),
        }),
      ),
  ),
  withMountedSecret: field(
    {
      path,
      source: z.instanceof(Secret),
      owner,
      mode: z.number().int().default(0o400),
      expand: flag,
    },
    (self, { source, ...args }) =>
      self.derive(["withMountedSecret", source.key, JSON.stringify(args)], async (state) =>
        mount(state, {
          path: absolute(state, args.path, args.expand),
          kind: "secret",
          secret: source,
          mode: args.mode,
          owner: (await ownerOf(self, state, args.owner)) ?? { uid: 0, gid: 0 },
        }),
      ),
  ),
  withMountedCache: field(
    {
      path,
      cache: z.instanceof(CacheVolume),
      source: z.instanceof(Directory).optional(),
      sharing: z.enum(["SHARED", "LOCKED", "PRIVATE"]).optional(),
      owner,
      expand: flag,
    },
    (self, { cache, source, ...args }) =>
      self.derive(
        ["withMountedCache", cache.key, source?.key, JSON.stringify(args)],
        async (state) =>
          mount(state, {
            path: absolute(state, args.path, args.expand),
            kind: "cache",
            volume: cache,
            source: source ?? cache.options.source,
            sharing: args.sharing ?? cache.options.sharing ?? "SHARED",
            owner: (await ownerOf(self, state, args.owner)) ?? cache.options.owner,
          }),
      ),
  ),
  withMountedTemp: field(
    { path, size: z.number().int().positive().optional(), expand: flag },
    (self, args) =>
      self.derive(["withMountedTemp", JSON.stringify(args)], (state) =>
        mount(state, {
          path: absolute(state, args.path, args.expand),
          kind: "temp",
          size: args.size,
        }),
      ),
  ),
  withUnixSocket: field(
    { path, source: z.instanceof(Socket), expand: flag },
    (self, { source, ...args }) =>
      self.derive(["withUnixSocket", source.key, JSON.stringify(args)], (state) =>
        mount(state, {
          path: absolute(state, args.path, args.expand),
          kind: "socket",
          socket: source,
        }),
      ),
  ),
  withoutMount: field({ path, expand: flag }, (self, args) => unmount(self, args)),
  withoutUnixSocket: field({ path, expand: flag }, (self, args) => unmount(self, args)),
  withServiceBinding: field(
    { alias: z.string().min(1), service: z.instanceof(Service) },
    (self, args) =>
      self.derive(["withServiceBinding", args.alias, args.service.key], (state) => ({
        ...state,
        services: [...state.services.filter((item) => item.alias !== args.alias), args],
      })),
  ),
};

function mount(state: ContainerState, added: Mount): ContainerState {
  const covers = (path: string) => path === added.path || path.startsWith(`${added.path}/`);
  return {
    ...state,
    mounts: [...state.mounts.filter((item) => !covers(item.path)), added],
    imageRef: null,
  };
}

function unmount(self: Container, args: { path: string; expand?: boolean }): Container {
  return self.derive(["withoutMount", args.path, args.expand], (state) => {
    const path = absolute(state, args.path, args.expand);
    return { ...state, mounts: state.mounts.filter((item) => item.path !== path) };
  });
}
