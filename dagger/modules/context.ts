import { existsSync, statSync } from "node:fs";
import { basename, isAbsolute, join, relative } from "node:path";
import { fileFromHost, treeFromHost } from "../content/host.ts";
import { SluiceError } from "../core/error.ts";
import { keyOf } from "../core/key.ts";
import type { Node } from "../core/node.ts";
import type { Session } from "../core/session.ts";
import { Directory } from "../api/files/directory.ts";
import { File } from "../api/files/file.ts";
import type { ModuleConfig } from "./config.ts";
import type { ArgumentDef } from "./typedefs.ts";

/**
 * The directory or file of the module's context that stands for an argument left out. A path that
 * starts with `/` is relative to the context (the module's repository), others to `dagger.json`.
 */
export async function contextualArgument(
  session: Session,
  config: ModuleConfig,
  arg: ArgumentDef,
): Promise<Node> {
  const path = arg.defaultPath ?? "";
  const at = isAbsolute(path) ? join(config.contextDir, path) : join(config.root, path);
  const inside = relative(config.contextDir, at);
  const fail = (code: string, message: string) =>
    new SluiceError(
      code,
      `argument "${arg.name}": default path ${JSON.stringify(path)} ${message}`,
    );
  if (inside.startsWith("..") || isAbsolute(inside)) {
    throw fail("INVALID_PATH", `leaves the module's context directory ${config.contextDir}`);
  }
  if (!existsSync(at)) throw fail("PATH_NOT_FOUND", `does not exist: ${at}`);
  const type = arg.type.kind === "OBJECT" ? arg.type.name : arg.type.kind;
  if (type === "Directory") {
    if (!statSync(at).isDirectory()) throw fail("NOT_A_DIRECTORY", `is not a directory: ${at}`);
    const key = keyOf("context-directory", at, arg.ignore);
    const tree = await session.once(key, () =>
      session.progress.task(`read ${at}`, () =>
        treeFromHost(session.store, at, { exclude: arg.ignore }),
      ),
    );
    return Directory.ofTree(session, tree, basename(at));
  }
  if (type === "File") {
    if (!statSync(at).isFile()) throw fail("NOT_A_FILE", `is not a file: ${at}`);
    const entry = await session.once(keyOf("context-file", at), () =>
      fileFromHost(session.store, at),
    );
    const key = keyOf("host-file", basename(at), entry.blob.digest, entry.mode);
    return new File(session, key, basename(at), async () => entry);
  }
  throw new SluiceError(
    "UNSUPPORTED_ARGUMENT",
    `argument "${arg.name}": defaultPath of type ${type} is not supported by the embedded engine`,
    { hint: "Pass the argument, or run it with `--engine dagger`." },
  );
}
