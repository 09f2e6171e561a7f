/**
 * Reads or writes a ledger in a process of its own, so that its peak memory is nobody else's:
 * `ledger.ts <host> <repository> <what>` prints milliseconds and megabytes as JSON.
 */
import { performance } from "node:perf_hooks";
import { Ledger } from "../../.dagger/src/ledger/ledger.ts";
import type { LedgerRecord } from "../../.dagger/src/ledger/model.ts";
import { channelStream, commitStream } from "../../.dagger/src/ledger/streams.ts";
import { RegistryClient } from "../../.dagger/src/registry/client.ts";

const [host = "", repository = "", what = ""] = process.argv.slice(2);
const commit = "0123456789abcdef0123456789abcdef01234567";
const stream = channelStream("prod");
const record: LedgerRecord = {
  ...{ version: 1, kind: "approval", pipeline: "bench", at: new Date().toISOString() },
  ...{ by: "bench", commit, channel: "prod", note: `number ${process.pid}` },
};
const client = (access: "read" | "write") => () =>
  Promise.resolve(new RegistryClient({ host, access }));
const ledger = new Ledger({
  ...{ read: client("read"), write: client("write") },
  ...{ repository, pipeline: "bench" },
});

const work: Record<string, () => Promise<unknown>> = {
  head: () => ledger.head(stream),
  "history of 20": () => ledger.history(stream, { limit: 20 }),
  "history of all": () => ledger.history(stream),
  "check of all": async () => {
    const [finding] = await ledger.check(stream);
    if (finding) throw new Error(finding.reason);
  },
  "list of streams": () => ledger.streams(),
  "append after a known record": async () => {
    const last = await ledger.head(stream);
    started = performance.now();
    await ledger.append(stream, record, { expect: last?.digest ?? null });
  },
  "append to a commit": () => ledger.append(commitStream(commit), record),
};

let started = performance.now();
await work[what]?.();
const ms = performance.now() - started;
console.log(JSON.stringify({ ms, megabytes: process.resourceUsage().maxRSS / 1024 }));
