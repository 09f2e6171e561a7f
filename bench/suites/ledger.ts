import { fileURLToPath } from "node:url";
import { type Content, type Link, linkOf, recordLayer } from "../../.dagger/src/ledger/artifact.ts";
import { canonicalJson } from "../../.dagger/src/ledger/canonical.ts";
import { inParallel } from "../../.dagger/src/ledger/in-parallel.ts";
import { Ledger } from "../../.dagger/src/ledger/ledger.ts";
import { channelStream, headTag, recordTag } from "../../.dagger/src/ledger/streams.ts";
import { RegistryClient } from "../../.dagger/src/registry/client.ts";
import { EMPTY_CONFIG } from "../../.dagger/src/registry/empty.ts";
import { startRegistry } from "../../test/support/registryProcess.ts";
import { command } from "../command.ts";
import type { Suite } from "../suite.ts";

const RECORDS = 10_000;
const READ = 20;
const REPOSITORY = "acme/bench-ledger";
const PROGRAM = fileURLToPath(new URL("../programs/ledger.ts", import.meta.url));
const stream = channelStream("prod");

/** A ledger of many records, read with `curl` for comparison: all at once, on kept connections. */
export const ledger: Suite = {
  name: "ledger",
  title: `Last ${READ} of ${RECORDS} ledger records, against curl reading the same manifests`,
  runs: 20,
  setUp: async () => {
    const registry = await startRegistry();
    const client = new RegistryClient({ host: registry.host, access: "write" });
    await fill(client);
    const read = () => Promise.resolve(client);
    const history = new Ledger({ read, write: read, repository: REPOSITORY, pipeline: "bench" });
    const urls = Array.from({ length: READ }, (_, index) => recordTag(stream, RECORDS - index)).map(
      (tag) => `${registry.origin}/v2/${REPOSITORY}/manifests/${tag}`,
    );
    const accept = "accept: application/vnd.oci.image.manifest.v1+json";
    return {
      ours: {
        name: `history of ${READ}, links checked`,
        run: async () => {
          const entries = await history.history(stream, { limit: READ });
          if (entries.length !== READ) throw new Error(`${entries.length} records`);
        },
      },
      peer: {
        name: `curl --parallel, ${READ} manifests`,
        run: async () => {
          await command("curl", ["--silent", "--fail", "--parallel", "--header", accept, ...urls]);
        },
      },
      also: () => figures(registry.host),
      tearDown: () => registry.stop(),
    };
  },
};

/** Records that differ in nothing but their place, so that filling takes one request each. */
async function fill(client: RegistryClient): Promise<void> {
  const record = {
    ...{ version: 1, kind: "approval", pipeline: "bench", at: "2026-11-21T10:00:00.000Z" },
    ...{ by: "bench", commit: "0".repeat(40), channel: "prod", note: "x".repeat(500) },
  };
  const bytes = new Uint8Array(Buffer.from(canonicalJson(record)));
  for (const blob of [EMPTY_CONFIG, bytes]) await client.writeBlob(REPOSITORY, blob);
  const content: Content = {
    ...{ pipeline: "bench", kind: "approval", at: record.at },
    layers: [recordLayer("approval", bytes)],
  };
  const links: Link[] = [];
  for (let count = 0; count < RECORDS; count++) links.push(linkOf(content, stream, links.at(-1)));
  await inParallel(links, ({ sequence, manifest }) =>
    client.put(REPOSITORY, recordTag(stream, sequence), manifest),
  );
  const last = links.at(-1);
  if (last) await client.put(REPOSITORY, headTag(stream), last.manifest);
}

/** Each of them in a process of its own, the median of five. */
async function figures(host: string): Promise<string> {
  const lines: string[] = [];
  const all = [
    ...["head", "history of 20", "history of all", "check of all", "list of streams"],
    ...["append after a known record", "append to a commit"],
  ];
  for (const what of all) {
    const runs = [];
    for (let run = 0; run < (what.endsWith("all") ? 1 : 5); run++) {
      const args = [...process.execArgv, PROGRAM, host, REPOSITORY, what];
      const text = await command(process.execPath, args);
      runs.push(JSON.parse(text) as { ms: number; megabytes: number });
    }
    runs.sort((one, other) => one.ms - other.ms);
    const { ms = Number.NaN, megabytes = Number.NaN } = runs[Math.floor(runs.length / 2)] ?? {};
    lines.push(
      `  ${what.padEnd(44)} ${ms.toFixed(0).padStart(7)} ms   peak ${megabytes.toFixed(0)} MB`,
    );
  }
  return ["  each in a new process:", ...lines, ""].join("\n");
}
