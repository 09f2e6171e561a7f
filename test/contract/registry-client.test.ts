import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { RegistryClient } from "../../.dagger/src/registry/client.ts";
import { RegistryError } from "../../.dagger/src/registry/failure.ts";
import { moveTag } from "../../.dagger/src/registry/move.ts";
import { answers, frontOf, hangs, hangsUp, type RegistryFront } from "../support/registryFront.ts";
import { type RegistryProcess, seedImage, startRegistry } from "../support/registryProcess.ts";

let registry: RegistryProcess;
let front: RegistryFront;
let slept: number[];

beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry.stop());

beforeEach(async () => {
  front = await frontOf(registry.origin);
  slept = [];
});
afterEach(() => front.stop());

/** A client of the front, whose pauses are noted instead of slept. */
function client(timeoutMs = 500): RegistryClient {
  return new RegistryClient({
    host: front.host,
    access: "write",
    timeoutMs,
    retry: {
      sleep: (ms) => {
        slept.push(ms);
        return Promise.resolve();
      },
    },
  });
}

async function failureOf(work: Promise<unknown>): Promise<RegistryError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(RegistryError);
  return error as RegistryError;
}

describe("a manifest", () => {
  it("is read byte for byte, by tag and by digest", async () => {
    const image = await seedImage(registry.origin, "acme/read", "one", "v1");
    for (const reference of ["v1", image.digest]) {
      const manifest = await client().get("acme/read", reference);
      expect(Buffer.from(manifest.bytes).equals(image.bytes)).toBe(true);
      expect(manifest).toMatchObject({ digest: image.digest, mediaType: image.mediaType });
    }
  });

  it("that isn't there is no error to look for, but one to read", async () => {
    expect(await client().head("acme/none", "v1")).toBeUndefined();
    expect(await client().find("acme/none", "v1")).toBeUndefined();
    const error = await failureOf(client().get("acme/none", "v1"));
    expect(error.code).toBe("MANIFEST_NOT_FOUND");
    expect(error.message).toContain(`GET ${front.host}/acme/none:v1: HTTP 404`);
    expect(error.hint).toContain("publish it first");
    expect(slept).toEqual([]);
  });

  it("with a flipped bit is asked for again, and refused if it stays wrong", async () => {
    const { digest } = await seedImage(registry.origin, "acme/flip", "x", "v1");
    front.rewrite = (_, __, body) => Buffer.from(body.toString().replace("schema", "Schema"));
    const error = await failureOf(client().get("acme/flip", digest));
    expect(error.code).toBe("DIGEST_MISMATCH");
    expect(error.message).toMatch(new RegExp(`expected ${digest}, got sha256:[0-9a-f]{64}`));
    expect(front.seen).toHaveLength(4);
  });

  it("that doesn't match the digest named by the registry is refused", async () => {
    await seedImage(registry.origin, "acme/lie", "x", "v1");
    front.rewrite = (_, headers, body) => {
      headers["docker-content-digest"] = `sha256:${"0".repeat(64)}`;
      return body;
    };
    expect((await failureOf(client().get("acme/lie", "v1"))).code).toBe("DIGEST_MISMATCH");
  });

  it("in the form of a sign-in page is refused", async () => {
    front.faults.push(
      answers(200, { headers: { "content-type": "text/html" }, body: "<html>sign in</html>" }),
    );
    const error = await failureOf(client().get("acme/read", "v1"));
    expect(error.code).toBe("REGISTRY_PROTOCOL");
    expect(error.message).toContain("expected a manifest, got content type text/html");
  });

  it.each(["../../other/manifests/v1", "v1?x", "v1#x", "", "-v1", "a".repeat(129), "v1\n"])(
    "is not asked for by %j, which is no tag",
    async (reference) => {
      await expect(client().get("acme/read", reference)).rejects.toThrow(
        /expected a tag or digest, got .* \[NAME_INVALID\]/,
      );
      expect(front.seen).toEqual([]);
    },
  );

  it("larger than registries have to take is not read", async () => {
    front.faults.push(answers(200, { body: "x".repeat(5 * 1024 * 1024) }));
    expect((await failureOf(client().get("acme/read", "v1"))).code).toBe(
      "REGISTRY_ANSWER_TOO_LARGE",
    );
  });
});

describe("a tag", () => {
  it("is moved with one write and one read, its digest kept", async () => {
    const image = await seedImage(registry.origin, "acme/move", "one");
    const manifest = await client().get("acme/move", image.digest);
    front.seen = [];
    await moveTag(client(), "acme/move", "prod", manifest);
    expect(front.seen).toEqual([
      "PUT /v2/acme/move/manifests/prod",
      "HEAD /v2/acme/move/manifests/prod",
    ]);
    expect(await client().head("acme/move", "prod")).toBe(image.digest);
  });

  it("whose write was applied but not answered is read, not written again", async () => {
    const image = await seedImage(registry.origin, "acme/lost", "one");
    const manifest = await client().get("acme/lost", image.digest);
    front.seen = [];
    let lost = false;
    front.rewrite = (incoming, _, body) => {
      if (incoming.method === "PUT" && !lost) {
        lost = true;
        incoming.socket.destroy();
      }
      return body;
    };
    await client().put("acme/lost", "prod", manifest);
    expect(front.seen.filter((line) => line.startsWith("PUT"))).toHaveLength(1);
    expect(await client().head("acme/lost", "prod")).toBe(image.digest);
  });

  it("is confirmed after a stale read", async () => {
    const old = await seedImage(registry.origin, "acme/stale", "old", "prod");
    const fresh = await seedImage(registry.origin, "acme/stale", "fresh");
    const manifest = await client().get("acme/stale", fresh.digest);
    front.faults.push(
      answers(200, { method: "HEAD", headers: { "docker-content-digest": old.digest } }),
    );
    await moveTag(client(), "acme/stale", "prod", manifest);
    expect(await client().head("acme/stale", "prod")).toBe(fresh.digest);
  });

  it("that stays stale is called unconfirmed, with both digests", async () => {
    const old = await seedImage(registry.origin, "acme/stuck", "old", "prod");
    const fresh = await seedImage(registry.origin, "acme/stuck", "fresh");
    const manifest = await client().get("acme/stuck", fresh.digest);
    front.rewrite = (incoming, headers, body) => {
      if (incoming.method === "HEAD") headers["docker-content-digest"] = old.digest;
      return body;
    };
    const error = await failureOf(moveTag(client(), "acme/stuck", "prod", manifest, 300));
    expect(error.code).toBe("TAG_UNCONFIRMED");
    expect(error.message).toContain(old.digest);
    expect(error.message).toContain(fresh.digest);
  });

  it("is read with GET where HEAD is forbidden or has no digest", async () => {
    const image = await seedImage(registry.origin, "acme/nohead", "one", "v1");
    front.faults.push(answers(403, { method: "HEAD" }));
    expect(await client().head("acme/nohead", "v1")).toBe(image.digest);
    front.faults.push(answers(200, { method: "HEAD" }));
    expect(await client().head("acme/nohead", "v1")).toBe(image.digest);
  });
});

describe("trouble that passes", () => {
  it.each([408, 429, 500, 502, 503, 504])("HTTP %i is waited out", async (status) => {
    const image = await seedImage(registry.origin, "acme/trouble", "one", "v1");
    front.faults.push(answers(status), answers(status));
    expect((await client().get("acme/trouble", "v1")).digest).toBe(image.digest);
    expect(slept).toEqual([200, 400]);
  });

  it("is waited out exactly as long as the registry asks", async () => {
    await seedImage(registry.origin, "acme/trouble", "one", "v1");
    front.faults.push(answers(429, { headers: { "retry-after": "7" } }));
    await client().get("acme/trouble", "v1");
    expect(slept).toEqual([7000]);
  });

  it("is not waited out past the deadline", async () => {
    front.faults.push(answers(429, { headers: { "retry-after": "3600" } }));
    const error = await failureOf(client().get("acme/trouble", "v1"));
    expect(error.code).toBe("REGISTRY_RATE_LIMITED");
    expect(slept).toEqual([]);
  });

  it("such as a connection reset or a hang is tried again, also for writes", async () => {
    const image = await seedImage(registry.origin, "acme/reset", "one", "v1");
    front.faults.push(hangsUp("GET"), hangs("GET"));
    const manifest = await client(100).get("acme/reset", image.digest);
    front.faults.push(hangsUp("PUT"), hangs("PUT"));
    await client(100).put("acme/reset", "prod", manifest);
    expect(await client().head("acme/reset", "prod")).toBe(image.digest);
  });

  it("that doesn't pass is told with every attempt", async () => {
    front.faults.push(answers(503), answers(502), hangsUp(), answers(503));
    const error = await failureOf(client().get("acme/down", "v1"));
    expect(error.code).toBe("REGISTRY_UNAVAILABLE");
    expect(error.message).toMatch(
      /HTTP 503 \(4 attempts; before: .*HTTP 503; .*HTTP 502; .*can't be reached/,
    );
  });

  it("is not tried again for what is wrong", async () => {
    front.faults.push(
      answers(403, { body: '{"errors":[{"code":"DENIED","message":"read\\nonly"}]}' }),
      answers(403),
    );
    const error = await failureOf(client().get("acme/denied", "v1"));
    expect(error.code).toBe("REGISTRY_DENIED");
    expect(error.message).toContain("HTTP 403, DENIED: read only");
    expect(front.seen).toHaveLength(1);
  });
});

it("a registry that isn't there is named, with the reason", async () => {
  const gone = new RegistryClient({
    host: "127.0.0.1:1",
    retry: { sleep: () => Promise.resolve() },
  });
  const error = await failureOf(gone.get("acme/x", "v1"));
  expect(error.code).toBe("REGISTRY_UNREACHABLE");
  expect(error.message).toContain("127.0.0.1:1 can't be reached");
});
