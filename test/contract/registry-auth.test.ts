import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { RegistryClient } from "../../.dagger/src/registry/client.ts";
import { copyImage } from "../../.dagger/src/registry/copy/copy.ts";
import { RegistryError } from "../../.dagger/src/registry/failure.ts";
import { fiveLayers, type Pushed, pushImage } from "../support/registryContent.ts";
import { always, only } from "../support/registryFaults.ts";
import { answers, type Fault, frontOf, type RegistryFront } from "../support/registryFront.ts";
import { type RegistryProcess, startRegistry } from "../support/registryProcess.ts";
import { startTokenServer, type TokenServer } from "../support/registryTokens.ts";

/** A registry that believes nothing but the tokens of its token server. */
let open: RegistryProcess;
let closed: RegistryProcess;
let tokens: TokenServer;
let front: RegistryFront;
let image: Pushed;

const credentials = { username: "sluice", password: "open-sesame" };
const basic = `Basic ${Buffer.from("sluice:open-sesame").toString("base64")}`;

beforeAll(async () => {
  tokens = await startTokenServer();
  [open, closed] = await Promise.all([startRegistry(), startRegistry({ auth: tokens.auth })]);
  image = await pushImage(open.origin, "acme/image", { layers: fiveLayers("auth") }, "v1");
});
afterAll(() => Promise.all([open.stop(), closed.stop(), tokens.stop()]));
beforeEach(async () => {
  front = await frontOf(closed.origin);
  [tokens.asked, tokens.authorizations, tokens.tokens] = [[], [], []];
  tokens.forbidden.clear();
});
afterEach(() => front.stop());

function client(): RegistryClient {
  return new RegistryClient({
    host: front.host,
    access: "write",
    credentials,
    retry: { sleep: () => Promise.resolve() },
  });
}

const push = (to: RegistryClient, repository: string, tag = "v1") =>
  copyImage({
    from: { client: new RegistryClient({ host: open.host }), repository: "acme/image" },
    to: { client: to, repository },
    digest: image.digest,
    tag,
  });

it("one token serves all requests to a repository", async () => {
  await push(client(), "acme/one");
  expect(tokens.asked).toEqual([["repository:acme/one:pull,push"]]);
  expect(tokens.authorizations).toEqual([basic]);
  const [first, ...others] = front.authorizations;
  expect(first).toBe("");
  expect(new Set(others)).toEqual(new Set([`Bearer ${tokens.tokens[0] ?? ""}`]));
});

it("a mount has a token of its own, for both repositories", async () => {
  const to = client();
  await push(to, "acme/from");
  tokens.asked = [];
  const result = await copyImage({
    from: { client: to, repository: "acme/from" },
    to: { client: to, repository: "acme/to" },
    digest: image.digest,
    tag: "v1",
  });
  expect(result.blobs).toEqual({ copied: 0, mounted: 6, present: 0 });
  const [own, source] = ["repository:acme/to:pull,push", "repository:acme/from:pull"];
  expect(tokens.asked).toEqual([[own], [own, source]]);
});

it("where the source may not be read with these credentials, its blobs are sent", async () => {
  await push(client(), "acme/private");
  tokens.forbidden.add("acme/private");
  const result = await copyImage({
    from: { client: new RegistryClient({ host: open.host }), repository: "acme/image" },
    to: { client: client(), repository: "acme/public" },
    digest: image.digest,
    tag: "v1",
  });
  expect(result.blobs.copied).toBe(6);
});

it("a token that is refused halfway is replaced, once for all who used it", async () => {
  const expired = answers(401, {
    headers: {
      "www-authenticate": `Bearer realm="${tokens.auth.token.realm}",service="registry.test"`,
    },
  });
  const old: Fault = (incoming, answer) =>
    incoming.headers.authorization === `Bearer ${tokens.tokens[0] ?? ""}` &&
    expired(incoming, answer);
  front.faults = always(only(/^PUT .*uploads/, old));
  const result = await push(client(), "acme/halfway");
  expect(result.blobs.copied).toBe(6);
  expect(tokens.asked).toHaveLength(2);
});

it("401 without a way to sign in says so, and is not tried again", async () => {
  front.faults.push(answers(401));
  const error: unknown = await client()
    .get("acme/one", "v1")
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "REGISTRY_UNAUTHORIZED" });
  expect(String(error)).toContain("HTTP 401 without a way to sign in");
  expect(front.seen).toHaveLength(1);
});

it("a registry that repeats what it was sent shows no secret", async () => {
  const to = client();
  await push(to, "acme/echo");
  front.faults.push((incoming, answer) => {
    answer.writeHead(400, { "content-type": "text/plain" });
    answer.end(`bad: ${incoming.headers.authorization ?? ""} and ${basic} and open-sesame`);
    return true;
  });
  const error: unknown = await to.get("acme/echo", "v1").catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(RegistryError);
  const text = String(error);
  expect(text).toContain("bad: Bearer *** and Basic *** and ***");
  expect(text).not.toContain(tokens.tokens[0]);
});
