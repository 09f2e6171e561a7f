import { EMPTY_CONFIG } from "../registry/empty.ts";
import { type Content, fileLayer, recordLayer } from "./artifact.ts";
import { boundedFiles, MAX_FILE_BYTES } from "./bounds.ts";
import { canonicalJson } from "./canonical.ts";
import { LedgerError } from "./failure.ts";
import { inParallel } from "./in-parallel.ts";
import type { LedgerRecord } from "./model.ts";
import type { Shelf } from "./shelf.ts";

/**
 * Brings a record's blobs to the registry: they have to be there before a manifest names them.
 *
 * @throws LedgerError `LEDGER_TOO_LARGE`
 */
export async function upload(
  { client, repository }: Shelf,
  record: LedgerRecord,
  files: Readonly<Record<string, Uint8Array | string>>,
): Promise<Content> {
  const bytes = new Uint8Array(Buffer.from(canonicalJson(record)));
  if (bytes.length > MAX_FILE_BYTES) {
    throw new LedgerError(
      "LEDGER_TOO_LARGE",
      `a record can have ${MAX_FILE_BYTES} bytes, got ${bytes.length}`,
    );
  }
  const attached = boundedFiles(files);
  await inParallel([EMPTY_CONFIG, bytes, ...attached.map(([, content]) => content)], async (blob) =>
    client.writeBlob(repository, blob),
  );
  const { pipeline, kind, at } = record;
  const layers = attached.map(([name, content]) => fileLayer(name, content));
  return { pipeline, kind, at, layers: [recordLayer(kind, bytes), ...layers] };
}
