import { z } from "zod";
import { treeFromHost } from "../content/host.ts";
import { SluiceError } from "../core/error.ts";
import { record, type RecordNode } from "../core/node.ts";
import { Container } from "./container/container.ts";
import { imageFields } from "./container/image-fields.ts";
import { field, plain, type FieldDefinition, type TypeDefinition } from "./define.ts";
import { Directory } from "./files/directory.ts";
import { hostFields } from "./host/host-fields.ts";
import { hostPath } from "./host/path.ts";
import { Socket } from "./host/socket.ts";
import { Secret } from "./secret.ts";
import { HostService } from "./services/host-service.ts";

/** `dag.address(value)`: what a person types on a command line for a core type. */
export const addressField: FieldDefinition<unknown> = field(
  { value: z.string().min(1) },
  (_, args) => record("Address", { value: args.value }),
);

const valueOf = (self: RecordNode): string => String(self.fields.value);
const patterns = z.array(z.string()).optional();
const flag = z.boolean().optional();

export const addressFields: TypeDefinition<RecordNode> = {
  container: plain((self, call) => {
    const from = imageFields.from;
    return from?.run(Container.scratch(call.session), { address: valueOf(self) }, call);
  }),
  directory: field(
    { exclude: patterns, include: patterns, gitignore: flag, noCache: flag },
    async (self, args, { session, caller }) => {
      const path = hostPath(caller, valueOf(self).replace(/^file:\/\//, ""));
      return Directory.ofTree(session, await treeFromHost(session.store, path, args));
    },
  ),
  file: field({ noCache: flag }, (self, args, call) =>
    hostFields.file?.run(
      {},
      { path: valueOf(self).replace(/^file:\/\//, ""), noCache: args.noCache },
      call,
    ),
  ),
  secret: plain((self, { session, caller }) => Secret.byUri(session, valueOf(self), caller)),
  socket: plain(
    (self, { caller }) => new Socket(hostPath(caller, valueOf(self).replace(/^unix:\/\//, ""))),
  ),
  service: plain((self, { session }) => {
    const match = /^tcp:\/\/([^:/]+):(\d+)$/.exec(valueOf(self));
    if (!match)
      throw new SluiceError("INVALID_ARGUMENT", `${valueOf(self)}: expected tcp://host:port`);
    const host = match[1] === "localhost" ? "127.0.0.1" : (match[1] as string);
    return new HostService(
      session,
      [{ backend: Number(match[2]), frontend: Number(match[2]) }],
      host,
    );
  }),
};
