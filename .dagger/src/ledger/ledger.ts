import type { RegistryClient } from "../registry/client.ts";
import { RegistryError } from "../registry/failure.ts";
import { bounded } from "./bounds.ts";
import { check } from "./check.ts";
import { LedgerError } from "./failure.ts";
import { readFiles } from "./files.ts";
import type { Finding } from "./finding.ts";
import { follow } from "./follow.ts";
import { history } from "./history.ts";
import { join } from "./join.ts";
import { type Entry, type LedgerRecord, recordSchema } from "./model.ts";
import { Shelf } from "./shelf.ts";
import { parseTag } from "./streams.ts";
import { findTail } from "./tail.ts";
import { upload } from "./upload.ts";

/** Where a ledger is, and how to get there. */
export interface LedgerOptions {
  /** A client that may read; asked for when it is needed. */
  read: () => Promise<RegistryClient>;
  /** A client that may write; asked for when it is needed. */
  write: () => Promise<RegistryClient>;
  /** Path in the registry: `acme/shop-ledger`. */
  repository: string;
  /** Name of the pipeline whose records these are. */
  pipeline: string;
  /** How long reads may lag behind a write; milliseconds, default 10 seconds. */
  staleMs?: number;
  /** Called with one line for whatever was found in disorder and repaired. */
  onRepair?: (line: string) => void;
}

/** What else to say of a record that is appended. */
export interface AppendOptions {
  /** Attached files by name, such as `logs/backend.log`; at most 16 MiB each. */
  files?: Readonly<Record<string, Uint8Array | string>>;
  /**
   * Digest of the record that has to be the last one; null for none at all. Left out, the record is
   * appended whatever came before.
   */
  expect?: string | null;
}

const STALE_MS = 10_000;

/** Records of a pipeline's releases, kept in a repository of a registry, in streams. */
export class Ledger {
  readonly #staleMs: number;

  constructor(private readonly options: LedgerOptions) {
    this.#staleMs = options.staleMs ?? STALE_MS;
  }

  /** The last record, in one request; undefined for an empty stream. */
  async head(stream: string): Promise<Entry | undefined> {
    const shelf = await this.#reading();
    const head = await shelf.head(stream);
    if (head) return shelf.entry(head);
    // Without a head there may still be records: its first writer died, or somebody removed it.
    return this.latest(stream);
  }

  /**
   * Like `head`, and also beyond a head that its writer did not come to move: for who holds the lock
   * and is about to write. Two requests more.
   *
   * @throws LedgerError `LEDGER_BROKEN`
   */
  async latest(stream: string): Promise<Entry | undefined> {
    const shelf = await this.#reading();
    const { last, stray } = await findTail(shelf, stream);
    if (stray) throw shelf.broken(stream, stray.sequence, stray.digest, last?.digest ?? null);
    return last && shelf.entry(last);
  }

  /**
   * Appends a record and reads it back.
   *
   * @throws LedgerError `LEDGER_CONFLICT` when the last record isn't the expected one,
   *   `LEDGER_READ_ONLY` when these credentials may not write
   */
  async append(
    stream: string,
    record: LedgerRecord,
    { files = {}, expect }: AppendOptions = {},
  ): Promise<Entry> {
    const known = recordSchema.parse(bounded(record));
    if (known.pipeline !== this.options.pipeline) {
      throw new LedgerError(
        "LEDGER_FOREIGN",
        `expected a record of pipeline ${this.options.pipeline}, got one of ${known.pipeline}`,
      );
    }
    try {
      const shelf = this.#shelf(await this.options.write());
      const content = await upload(shelf, known, files);
      const link =
        expect === undefined
          ? await join(shelf, stream, content, this.#staleMs)
          : await follow(shelf, stream, content, expect, this.#staleMs);
      const { sequence, digest, previous } = link;
      return { stream, sequence, digest, previous, record: known };
    } catch (error) {
      throw readOnly(error, this.options.repository) ?? error;
    }
  }

  /**
   * The last records, newest first, each checked to be the one that its successor names.
   *
   * @param limit default: all of them
   * @throws LedgerError `LEDGER_BROKEN`
   */
  async history(stream: string, { limit = Infinity } = {}): Promise<Entry[]> {
    return history(await this.#reading(), stream, limit);
  }

  /**
   * Reads a whole stream and tells all that is wrong with it; nothing for a sound one. A writer at
   * work looks like a head that is behind.
   */
  async check(stream: string): Promise<Finding[]> {
    return check(await this.#reading(), stream);
  }

  /** The files that were attached to a record, by name. */
  async files(entry: Entry): Promise<Record<string, Uint8Array>> {
    return readFiles(await this.#reading(), entry);
  }

  /** All streams that have a record, sorted. */
  async streams(): Promise<string[]> {
    const { client, repository } = await this.#reading();
    const tags = await client.listTags(repository);
    return [...new Set(tags.flatMap((tag) => parseTag(tag)?.stream ?? []))].toSorted();
  }

  async #reading(): Promise<Shelf> {
    return this.#shelf(await this.options.read());
  }

  #shelf(client: RegistryClient): Shelf {
    const { repository, pipeline, onRepair = () => undefined } = this.options;
    return new Shelf(client, repository, pipeline, onRepair);
  }
}

function readOnly(error: unknown, repository: string): LedgerError | undefined {
  if (!(error instanceof RegistryError)) return undefined;
  if (error.status !== 401 && error.status !== 403) return undefined;
  return new LedgerError(
    "LEDGER_READ_ONLY",
    `the ledger ${repository} can't be written with these credentials: ${error.reason}`,
    { cause: error, hint: "use credentials that may write to the ledger's repository" },
  );
}
