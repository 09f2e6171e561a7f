import { existsSync, statSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { z } from "zod";
import { fileFromHost, treeFromHost } from "../../content/host.ts";
import { SluiceError } from "../../core/error.ts";
import { keyOf } from "../../core/key.ts";
import { field, type TypeDefinition } from "../define.ts";
import { Container } from "../container/container.ts";
import { stateFromImage } from "../container/image-fields.ts";
import { Directory } from "../files/directory.ts";
import { File } from "../files/file.ts";
import { portForwards } from "../services/fields.ts";
import { HostService, Tunnel } from "../services/host-service.ts";
import { Service } from "../services/service.ts";
import { hostPath } from "./path.ts";
import { Socket } from "./socket.ts";

const patterns = z.array(z.string()).optional();
const flag = z.boolean().optional();

export const hostFields: TypeDefinition<unknown> = {
  directory: field(
    { path: z.string(), exclude: patterns, include: patterns, noCache: flag, gitignore: flag },
    async (_, { path, noCache, ...filters }, { caller, session }) => {
      const at = hostPath(caller, path);
      if (!existsSync(at)) {
        throw new SluiceError("PATH_NOT_FOUND", `lstat ${at}: no such file or directory`, {
          hint: "Check the path; relative ones start at the working directory.",
        });
      }
      if (!statSync(at).isDirectory())
        throw new SluiceError("NOT_A_DIRECTORY", `path ${at} is a file, not a directory`);
      // Read once a session, as the engine's snapshot of a host directory is; noCache reads it again.
      const scan = () =>
        session.progress.task(`read ${at}`, () => treeFromHost(session.store, at, filters));
      const key = keyOf("host-directory", at, JSON.stringify(filters));
      const tree = await (noCache ? scan() : session.once(key, scan));
      return Directory.ofTree(session, tree, basename(at));
    },
  ),
  file: field({ path: z.string(), noCache: flag }, async (_, args, { caller, session }) => {
    const at = hostPath(caller, args.path);
    if (!existsSync(at))
      throw new SluiceError("PATH_NOT_FOUND", `lstat ${at}: no such file or directory`, {
        hint: "Check the path.",
      });
    if (!statSync(at).isFile())
      throw new SluiceError("NOT_A_FILE", `path ${at} is a directory, not a file`);
    const entry = await fileFromHost(session.store, at);
    return new File(
      session,
      keyOf("host-file", basename(at), entry.blob.digest, entry.mode),
      basename(at),
      async () => entry,
    );
  }),
  findUp: field({ name: z.string(), noCache: flag }, (_, args, { caller }) => {
    for (let folder = caller.cwd; ; folder = dirname(folder)) {
      const candidate = join(folder, args.name);
      if (existsSync(candidate)) return relative(caller.cwd, candidate);
      if (folder === dirname(folder)) return null;
    }
  }),
  service: field(
    { ports: portForwards, host: z.string().default("127.0.0.1") },
    (_, args, { session }) =>
      new HostService(session, args.ports, args.host === "localhost" ? "127.0.0.1" : args.host),
  ),
  tunnel: field(
    { service: z.instanceof(Service), native: flag, ports: portForwards },
    async (_, args) => {
      if (args.ports.length === 0 && (await args.service.ports()).length === 0) {
        throw new SluiceError("NO_PORTS", "no ports to forward", {
          hint: "Expose a port with withExposedPort, or name the ports.",
        });
      }
      return new Tunnel(args.service, args.ports, args.native === true);
    },
  ),
  unixSocket: field(
    { path: z.string() },
    (_, args, { caller }) => new Socket(hostPath(caller, args.path)),
  ),
  containerImage: field({ name: z.string() }, (_, args, { session }) =>
    Container.scratch(session).derive(["containerImage", args.name], async (state) => {
      const image = await (await session.runtime()).inspect(args.name);
      return stateFromImage(session, state, image);
    }),
  ),
};
