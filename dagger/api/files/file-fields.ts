import { z } from "zod";
import { fileToHost } from "../../content/host.ts";
import { SluiceError } from "../../core/error.ts";
import { keyOf } from "../../core/key.ts";
import { field, plain, type TypeDefinition } from "../define.ts";
import { hostPath } from "../host/path.ts";
import type { File } from "./file.ts";
import { resolveOwner } from "./owner.ts";
import { searchArgs, searchFile } from "./search.ts";
import { statOf } from "./stat.ts";

/** A GraphQL string above this would exhaust memory before it helped anyone. */
const maxContentsBytes = 128 * 1024 * 1024;

export const fileFields: TypeDefinition<File> = {
  sync: plain(async (self) => (await self.entry(), self)),
  name: plain(async (self) => (await self.entry(), self.name)),
  size: plain(async (self) => (await self.entry()).blob.size),
  stat: plain(async (self) => statOf(self.name, await self.entry())),
  digest: field({ excludeMetadata: z.boolean().optional() }, async (self, args) => {
    const { blob, mode, uid, gid } = await self.entry();
    return `sha256:${args.excludeMetadata ? blob.digest : keyOf("file-digest", self.name, blob.digest, mode, uid, gid)}`;
  }),
  contents: field(
    {
      offsetLines: z.number().int().min(0).optional(),
      limitLines: z.number().int().min(0).optional(),
    },
    async (self, args) => {
      const { blob } = await self.entry();
      if (blob.size > maxContentsBytes) {
        throw new SluiceError(
          "FILE_TOO_LARGE",
          `file size ${blob.size} exceeds limit ${maxContentsBytes}`,
          {
            hint: "Export the file instead of reading its contents.",
          },
        );
      }
      const text = (await self.bytes()).toString("utf8");
      if (args.offsetLines === undefined && args.limitLines === undefined) return text;
      const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
      const start = args.offsetLines ?? 0;
      return lines
        .slice(start, args.limitLines === undefined ? undefined : start + args.limitLines)
        .join("");
    },
  ),
  search: field(searchArgs, async (self, args) =>
    searchFile(self.session, self.name, await self.entry(), args),
  ),
  withName: field({ name: z.string().min(1) }, (self, args) =>
    self.derive(["withName", args.name], (entry) => entry, args.name),
  ),
  withTimestamps: field({ timestamp: z.number().int() }, (self, args) =>
    self.derive(["withTimestamps", args.timestamp], (entry) => ({
      ...entry,
      mtime: args.timestamp,
    })),
  ),
  chown: field({ owner: z.string() }, (self, args) =>
    self.derive(["chown", args.owner], async (entry) => {
      const read = async (path: string) => (await self.home?.text(path)) ?? "";
      return { ...entry, ...(await resolveOwner(args.owner, read)) };
    }),
  ),
  withReplaced: field(
    {
      search: z.string(),
      replacement: z.string(),
      all: z.boolean().optional(),
      firstFrom: z.number().int().optional(),
    },
    (self, args) =>
      self.derive(
        ["withReplaced", args.search, args.replacement, args.all, args.firstFrom],
        async (entry) => {
          const text = (await self.bytes()).toString("utf8");
          const replaced = replace(text, args);
          return { ...entry, blob: await self.session.store.putBytes(Buffer.from(replaced)) };
        },
      ),
  ),
  export: field(
    { path: z.string(), allowParentDirPath: z.boolean().optional() },
    async (self, args, { caller, session }) => {
      const target = hostPath(caller, args.path);
      return fileToHost(session.store, await self.entry(), target, {
        name: self.name,
        allowParentDirPath: args.allowParentDirPath,
      });
    },
  ),
};

function replace(
  text: string,
  args: { search: string; replacement: string; all?: boolean; firstFrom?: number },
): string {
  const count = text.split(args.search).length - 1;
  if (args.all) return text.replaceAll(args.search, () => args.replacement);
  if (args.firstFrom !== undefined) {
    const offset = text
      .split("\n")
      .slice(0, Math.max(0, args.firstFrom - 1))
      .join("\n").length;
    const at = text.indexOf(args.search, offset);
    if (at < 0) throw new SluiceError("NOT_FOUND", "search string not found");
    return text.slice(0, at) + args.replacement + text.slice(at + args.search.length);
  }
  if (count === 0) throw new SluiceError("NOT_FOUND", "search string not found");
  if (count > 1) {
    throw new SluiceError("AMBIGUOUS", `search string found multiple times (${count})`, {
      hint: "Pass all: true, or firstFrom with a line number.",
    });
  }
  return text.replace(args.search, () => args.replacement);
}
