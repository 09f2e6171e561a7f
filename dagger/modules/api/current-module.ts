import { z } from "zod";
import { resolve } from "node:path";
import { fileFromHost, treeFromHost } from "../../content/host.ts";
import { SluiceError } from "../../core/error.ts";
import { keyOf } from "../../core/key.ts";
import type { Node } from "../../core/node.ts";
import { field, plain, type TypeDefinition } from "../../api/define.ts";
import { Directory } from "../../api/files/directory.ts";
import { File } from "../../api/files/file.ts";
import { invocationOf } from "./function-call.ts";

/** `dag.currentModule()` */
export const currentModuleField = plain((_, call): Node => {
  const { moduleName, id } = invocationOf(call);
  return { typeName: "CurrentModule", key: keyOf("current-module", moduleName, id) };
});

/** A path of the function's own scratch directory, which no path may leave. */
function scratchPath(root: string, path: string): string {
  const full = resolve(root, path.replace(/^\/+/, ""));
  if (full === root || full.startsWith(`${root}/`)) return full;
  throw new SluiceError("INVALID_PATH", `workdir path ${JSON.stringify(path)} escapes workdir`);
}

const patterns = z.array(z.string()).optional();

export const currentModuleFields: TypeDefinition<Node> = {
  name: plain((_, call) => invocationOf(call).moduleName),
  source: plain(async (_, call) =>
    Directory.ofTree(call.session, await invocationOf(call).source()),
  ),
  workdir: field(
    {
      path: z.string(),
      include: patterns,
      exclude: patterns,
      gitignore: z.boolean().optional(),
    },
    async (_, { path, ...filter }, call) => {
      const tree = await treeFromHost(
        call.session.store,
        scratchPath(call.caller.cwd, path),
        filter,
      );
      return Directory.ofTree(call.session, tree);
    },
  ),
  workdirFile: field({ path: z.string() }, async (_, { path }, call) => {
    const entry = await fileFromHost(call.session.store, scratchPath(call.caller.cwd, path));
    const name = path.split("/").pop() ?? path;
    const key = keyOf("workdir-file", name, entry.blob.digest, entry.mode);
    return new File(call.session, key, name, async () => entry);
  }),
};
