import { createHash } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { RegistryClient } from "../../.dagger/src/registry/client.ts";
import { RegistryError } from "../../.dagger/src/registry/failure.ts";
import { answers, frontOf, hangsUp, type RegistryFront } from "../support/registryFront.ts";
import { type RegistryProcess, seedImage, startRegistry } from "../support/registryProcess.ts";

let registry: RegistryProcess;
let front: RegistryFront;

beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry.stop());
beforeEach(async () => {
  front = await frontOf(registry.origin);
});
afterEach(() => front.stop());

function client(): RegistryClient {
  return new RegistryClient({
    host: front.host,
    access: "write",
    retry: { sleep: () => Promise.resolve() },
  });
}

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text));
const digestOf = (bytes: Uint8Array) =>
  `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
const methods = () => front.seen.map((line) => line.split(" ", 1)[0]);

it("writes a blob once, and reads back what was written", async () => {
  const bytes = bytesOf("a record");
  const digest = await client().writeBlob("acme/ledger", bytes);
  expect(digest).toBe(digestOf(bytes));
  expect(methods()).toEqual(["HEAD", "POST", "PUT"]);
  front.seen = [];
  expect(await client().writeBlob("acme/ledger", bytes)).toBe(digest);
  expect(methods()).toEqual(["HEAD"]);
  expect(await client().readBlob("acme/ledger", digest)).toEqual(bytes);
});

it("begins a blob's upload anew when the registry lost it, or hung up", async () => {
  const bytes = bytesOf("lost on the way");
  const unknown = '{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN"}]}';
  front.faults.push(answers(404, { method: "PUT", body: unknown }), hangsUp("PUT"));
  const digest = await client().writeBlob("acme/ledger", bytes);
  expect(methods()).toEqual("HEAD POST PUT HEAD POST PUT HEAD POST PUT".split(" "));
  expect(await client().readBlob("acme/ledger", digest)).toEqual(bytes);
});

it("does not write a blob again whose write was applied but not answered", async () => {
  let lost = false;
  front.rewrite = (incoming, _, body) => {
    if (incoming.method === "PUT" && !lost) {
      lost = true;
      incoming.socket.destroy();
    }
    return body;
  };
  await client().writeBlob("acme/ledger", bytesOf("applied"));
  expect(methods()).toEqual(["HEAD", "POST", "PUT", "HEAD"]);
});

it("says which blob is missing, and refuses one with a flipped bit", async () => {
  const nothing = digestOf(bytesOf("nothing"));
  await expect(client().readBlob("acme/ledger", nothing)).rejects.toMatchObject({
    code: "BLOB_NOT_FOUND",
    reason: `GET ${front.host}/acme/ledger blob ${nothing.slice(7, 19)}: HTTP 404, the registry has no such blob`,
  });
  const digest = await client().writeBlob("acme/ledger", bytesOf("sound"));
  front.rewrite = () => Buffer.from("Sound");
  await expect(client().readBlob("acme/ledger", digest)).rejects.toMatchObject({
    code: "DIGEST_MISMATCH",
  });
});

it("lists tags page by page, and none of a repository that isn't there", async () => {
  const tags = Array.from({ length: 5 }, (_, index) => `v${index}`);
  for (const tag of tags) await seedImage(registry.origin, "acme/tags", "one", tag);
  front.rewrite = (incoming, headers, body) => {
    // The registry is asked for a thousand a page: have it answer two of them.
    const from = Number(new URL(incoming.url ?? "", front.origin).searchParams.get("from") ?? 0);
    const answer = JSON.parse(body.toString()) as { name: string; tags: string[] };
    const all = answer.tags.toSorted();
    if (from + 2 < all.length) {
      headers.link = `</v2/acme/tags/tags/list?from=${from + 2}>; rel="next"`;
    }
    return Buffer.from(JSON.stringify({ tags: all.slice(from, from + 2) }));
  };
  expect(await client().listTags("acme/tags")).toEqual(tags);
  expect(front.seen).toHaveLength(3);
  front.rewrite = undefined;
  expect(await client().listTags("acme/none")).toEqual([]);
});

it("takes no upload address that is missing", async () => {
  front.faults.push(answers(202, { method: "POST" }));
  const error: unknown = await client()
    .writeBlob("acme/ledger", bytesOf("nowhere"))
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(RegistryError);
  expect(error).toMatchObject({ code: "REGISTRY_PROTOCOL" });
  expect(String(error)).toContain("the registry names no upload address");
});
