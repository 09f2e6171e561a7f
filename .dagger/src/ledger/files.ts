import { posix } from "node:path";
import { readLink } from "./artifact.ts";
import { LedgerError } from "./failure.ts";
import { inParallel } from "./in-parallel.ts";
import type { Entry } from "./model.ts";
import { fileLayers, type Shelf } from "./shelf.ts";
import { recordTag } from "./streams.ts";

const TITLE = "org.opencontainers.image.title";

/** The files of a record, by name; every name is a relative path without `..`. */
export async function readFiles(
  shelf: Shelf,
  { stream, sequence, digest }: Entry,
): Promise<Record<string, Uint8Array>> {
  const link = readLink(await shelf.byDigest(digest));
  const files = await inParallel(link ? fileLayers(link) : [], async (layer) => {
    const name = layer.annotations?.[TITLE] ?? layer.digest.replace(":", "-");
    if (!isInside(name)) {
      throw new LedgerError(
        "LEDGER_RECORD_INVALID",
        `${shelf.ref(recordTag(stream, sequence))}: expected relative file names, got ${JSON.stringify(name.slice(0, 100))}`,
        { sequence, hint: "find out who wrote this record by hand" },
      );
    }
    return [name, await shelf.client.readBlob(shelf.repository, layer.digest)] as const;
  });
  return Object.fromEntries(files);
}

function isInside(name: string): boolean {
  const safe = name !== "" && !/[\\\0]/.test(name) && !name.startsWith("/");
  return (
    safe && posix.normalize(name) === name && !/^\.\.?(?:\/|$)/.test(name) && !name.endsWith("/")
  );
}
