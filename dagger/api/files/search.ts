import { z } from "zod";
import type { FileEntry, Tree } from "../../content/tree.ts";
import { matcher } from "../../content/pattern.ts";
import { SluiceError } from "../../core/error.ts";
import { record, type RecordNode } from "../../core/node.ts";
import type { Session } from "../../core/session.ts";

const flag = z.boolean().optional();

/** Arguments of `search`, as ripgrep has them. */
export const searchArgs = {
  pattern: z.string(),
  literal: flag,
  multiline: flag,
  dotall: flag,
  insensitive: flag,
  skipHidden: flag,
  filesOnly: flag,
  limit: z.number().int().positive().optional(),
};
export type SearchArgs = z.output<z.ZodObject<typeof searchArgs>>;

/** Every match in the files of a tree, by path and line. Binary files are passed over. */
export async function searchTree(
  session: Session,
  tree: Tree,
  args: SearchArgs & { paths?: string[]; globs?: string[] },
): Promise<RecordNode[]> {
  const wanted = args.paths?.length ? matcher(args.paths) : () => true;
  const named = args.globs?.length
    ? matcher(args.globs.map((glob) => (glob.includes("/") ? glob : `**/${glob}`)))
    : () => true;
  const results: RecordNode[] = [];
  for (const [path, entry] of tree.entries) {
    if (entry.kind !== "file" || !wanted(path) || !named(path)) continue;
    if (args.skipHidden && path.split("/").some((part) => part.startsWith("."))) continue;
    results.push(...(await searchFile(session, path, entry, args)));
    if (args.limit && results.length >= args.limit) return results.slice(0, args.limit);
  }
  return results;
}

export async function searchFile(
  session: Session,
  path: string,
  entry: FileEntry,
  args: SearchArgs,
): Promise<RecordNode[]> {
  const bytes = await session.store.bytes(entry.blob.digest);
  if (bytes.includes(0)) return [];
  const text = bytes.toString("utf8");
  const regexp = compile(args);
  if (args.filesOnly) return regexp.test(text) ? [result(path, 1, 0, "", [])] : [];
  const results: RecordNode[] = [];
  const chunks = args.multiline ? [text] : text.split(/(?<=\n)/);
  let offset = 0;
  chunks.forEach((chunk, index) => {
    const line = args.multiline ? chunk : chunk.replace(/\n$/, "");
    const matches = [...line.matchAll(regexp)].filter((match) => match[0] !== "");
    const first = matches[0];
    if (first) {
      const number = args.multiline ? text.slice(0, first.index).split("\n").length : index + 1;
      results.push(result(path, number, Buffer.byteLength(text.slice(0, offset)), chunk, matches));
    }
    offset += chunk.length;
  });
  return args.limit ? results.slice(0, args.limit) : results;
}

function result(
  filePath: string,
  lineNumber: number,
  absoluteOffset: number,
  matchedLines: string,
  matches: RegExpExecArray[],
): RecordNode {
  const submatches = matches.map((match) =>
    record("SearchSubmatch", {
      text: match[0],
      start: match.index,
      end: match.index + match[0].length,
    }),
  );
  return record("SearchResult", { filePath, lineNumber, absoluteOffset, matchedLines, submatches });
}

function compile(args: SearchArgs): RegExp {
  const source = args.literal ? args.pattern.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&") : args.pattern;
  const flags = `gu${args.insensitive ? "i" : ""}${args.multiline ? "m" : ""}${args.dotall ? "s" : ""}`;
  try {
    return new RegExp(source, flags);
  } catch (cause) {
    throw new SluiceError(
      "INVALID_ARGUMENT",
      `invalid search pattern ${JSON.stringify(args.pattern)}`,
      { cause },
    );
  }
}
