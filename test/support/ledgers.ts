import { Ledger, type LedgerOptions } from "../../.dagger/src/ledger/ledger.ts";
import type { LedgerRecord } from "../../.dagger/src/ledger/model.ts";
import { RegistryClient } from "../../.dagger/src/registry/client.ts";

/** A commit of which nothing but its name matters. */
export const COMMIT = "0123456789abcdef0123456789abcdef01234567";

/** What a test may want to be different of a ledger. */
export interface LedgerSettings extends Partial<
  Pick<LedgerOptions, "pipeline" | "staleMs" | "onRepair">
> {
  /** Wait between tries as one would: this registry fails at reading a tag that is being written. */
  waits?: boolean;
}

/** A ledger over the registry at `host`, whose client does not wait between tries. */
export function ledgerAt(
  host: string,
  repository = "acme/shop-ledger",
  { pipeline = "shop", staleMs = 2000, onRepair, waits = false }: LedgerSettings = {},
): Ledger {
  const client = (access: "read" | "write") => () =>
    Promise.resolve(
      new RegistryClient({
        host,
        access,
        ...(waits ? {} : { retry: { sleep: () => Promise.resolve() } }),
      }),
    );
  return new Ledger({
    onRepair,
    read: client("read"),
    write: client("write"),
    repository,
    pipeline,
    staleMs,
  });
}

/** A record that differs from others by what it says. */
export function approval(note: string): LedgerRecord {
  return {
    version: 1,
    kind: "approval",
    pipeline: "shop",
    at: "2026-11-21T10:00:00.000Z",
    by: "operator",
    commit: COMMIT,
    channel: "prod",
    note,
  };
}

/** What records made by `approval` say. */
export function notesOf(entries: readonly { record: LedgerRecord }[]): string[] {
  return entries.map(({ record }) => (record.kind === "approval" ? record.note : record.kind));
}
