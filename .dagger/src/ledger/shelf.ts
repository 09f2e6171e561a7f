import { setTimeout as after } from "node:timers/promises";
import type { RegistryClient } from "../registry/client.ts";
import { digestOf, shortDigest } from "../registry/digest.ts";
import { RegistryError } from "../registry/failure.ts";
import { jsonOf } from "../registry/json.ts";
import type { Manifest } from "../registry/manifest.ts";
import { type Layer, type Link, readLink } from "./artifact.ts";
import { LedgerError } from "./failure.ts";
import { type Entry, recordSchema } from "./model.ts";
import { headTag, recordTag } from "./streams.ts";

const WRITE_TRIES = 6;
const FIRST_PAUSE_MS = 50;

/** The records of one pipeline where they lie: a repository of a registry. */
export class Shelf {
  /** @param tell what was found in disorder and repaired, one line each */
  constructor(
    readonly client: RegistryClient,
    readonly repository: string,
    readonly pipeline: string,
    readonly tell: (line: string) => void,
  ) {}

  /** `ghcr.io/acme/shop-ledger:channel.prod.3` */
  ref(tag: string): string {
    return `${this.client.host}/${this.repository}:${tag}`;
  }

  /** What a stream's head tag points to; undefined when there is none. */
  head(stream: string): Promise<Link | undefined> {
    return this.#find(stream, headTag(stream));
  }

  /** The record under a sequence number; undefined when there is none. */
  record(stream: string, sequence: number): Promise<Link | undefined> {
    return this.#find(stream, recordTag(stream, sequence), sequence);
  }

  /** A record by its digest, whatever its tag holds by now. */
  async byDigest(digest: string): Promise<Manifest> {
    return this.client.get(this.repository, digest);
  }

  /** Lets a tag point to a manifest whose blobs are there. */
  async write(tag: string, manifest: Manifest): Promise<void> {
    for (let trial = 1; ; trial++) {
      try {
        return await this.client.put(this.repository, tag, manifest);
      } catch (error) {
        // Where somebody else is just writing the same blob, some registries lose it for a moment.
        const lost = error instanceof RegistryError && error.code === "BLOB_NOT_FOUND";
        if (!lost || trial === WRITE_TRIES) throw error;
        await after(FIRST_PAUSE_MS * 2 ** (trial - 1));
      }
    }
  }

  /** The record itself. */
  async entry(link: Link): Promise<Entry> {
    const { stream, sequence, digest, previous } = link;
    const parsed = recordSchema.safeParse(jsonOf(await this.#bytes(link)));
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      const where = issue ? `${issue.path.join(".") || "it"}: ${issue.message}` : "";
      throw this.#invalid(recordTag(stream, sequence), sequence, digest, where);
    }
    return { stream, sequence, digest, previous, record: parsed.data };
  }

  async #bytes({ stream, sequence, layers: [record] }: Link): Promise<Uint8Array> {
    if (record.data === undefined) return this.client.readBlob(this.repository, record.digest);
    const bytes = Buffer.from(record.data, "base64");
    const found = digestOf(bytes);
    if (found === record.digest) return bytes;
    throw new LedgerError(
      "LEDGER_BROKEN",
      `${this.ref(recordTag(stream, sequence))}: the record in its manifest is expected to be ${record.digest}, got ${found}`,
      {
        sequence,
        expected: record.digest,
        found,
        hint: "find out who wrote this manifest by hand",
      },
    );
  }

  async #find(stream: string, tag: string, sequence?: number): Promise<Link | undefined> {
    const manifest = await this.client.find(this.repository, tag);
    if (!manifest) return undefined;
    const link = readLink(manifest);
    if (!link) throw this.#invalid(tag, sequence, manifest.digest, "it is no record");
    if (link.pipeline !== this.pipeline) {
      throw new LedgerError(
        "LEDGER_FOREIGN",
        `${this.ref(tag)}: expected a record of pipeline ${this.pipeline}, got one of ${link.pipeline}`,
        {
          sequence,
          found: link.digest,
          hint: "give each pipeline a ledger repository of its own",
        },
      );
    }
    if (link.stream !== stream || (sequence !== undefined && link.sequence !== sequence)) {
      const place = `record ${link.sequence} of ${link.stream}`;
      throw this.#invalid(tag, sequence, link.digest, `it is ${place}`);
    }
    return link;
  }

  #invalid(tag: string, sequence: number | undefined, found: string, why: string): LedgerError {
    return new LedgerError(
      "LEDGER_RECORD_INVALID",
      `${this.ref(tag)}: expected a record of the ledger, got ${shortDigest(found)}: ${why}`,
      {
        sequence,
        found,
        hint: "use the newest Sluice; if it says the same, find out who wrote this tag by hand",
      },
    );
  }

  /** A break in the chain: the record under `sequence` is not the one that its successor names. */
  broken(
    stream: string,
    sequence: number,
    expected: string | null,
    found: string | null,
  ): LedgerError {
    const tag = recordTag(stream, sequence);
    return new LedgerError(
      "LEDGER_BROKEN",
      `${this.ref(tag)}: expected ${expected ?? "no record"}, got ${found ?? "no such tag"}`,
      {
        sequence,
        expected,
        found,
        hint:
          expected === null
            ? `find out who wrote ${tag} by hand`
            : `find out who changed it, then point the tag ${tag} back to ${expected}`,
      },
    );
  }
}

/** The files of a record, by name. */
export function fileLayers({ layers: [, ...files] }: Link): readonly Layer[] {
  return files;
}
