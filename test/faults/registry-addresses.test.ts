import dns from "node:dns";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { RegistryClient } from "../../.dagger/src/registry/client.ts";
import { copyImage } from "../../.dagger/src/registry/copy/copy.ts";
import { RegistryError } from "../../.dagger/src/registry/failure.ts";
import { fiveLayers, type Pushed, pushImage, tagsOf } from "../support/registryContent.ts";
import { always, only } from "../support/registryFaults.ts";
import { answers, frontOf, type RegistryFront } from "../support/registryFront.ts";
import { type RegistryProcess, startRegistry } from "../support/registryProcess.ts";
import { scratch } from "../support/scratch.ts";

/** Where a registry may send its clients, and what becomes of names and certificates that are wrong. */
let registry: RegistryProcess;
let other: RegistryProcess;
let front: RegistryFront;
let canary: RegistryFront;
let image: Pushed;

const credentials = { username: "sluice", password: "open-sesame" };
const PUBLIC = "registry.example.com";

beforeAll(async () => {
  [registry, other] = await Promise.all([startRegistry(), startRegistry()]);
  image = await pushImage(registry.origin, "acme/image", { layers: fiveLayers("x") }, "v1");
});
afterAll(() => Promise.all([registry.stop(), other.stop()]));
beforeEach(async () => {
  [front, canary] = await Promise.all([frontOf(registry.origin), frontOf(registry.origin)]);
  // As an entry in /etc/hosts would: these names are of registries on the internet otherwise.
  const { lookup } = dns;
  vi.spyOn(dns, "lookup").mockImplementation(((name: string, ...rest: [never, never]) =>
    lookup(name.endsWith(".example.com") ? "127.0.0.1" : name, ...rest)) as typeof lookup);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all([front.stop(), canary.stop()]);
});

const portOf = ({ host }: RegistryFront) => host.split(":")[1] ?? "";

/** A client that knows the front as a registry on the internet. */
function publicClient(): RegistryClient {
  return new RegistryClient({
    host: PUBLIC,
    origin: `http://${PUBLIC}:${portOf(front)}`,
    access: "write",
    credentials,
    retry: { sleep: () => Promise.resolve() },
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

describe("a registry on the internet", () => {
  it.each(["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "10.0.0.1", "192.168.1.1"])(
    "may not redirect a read to %s",
    async (host) => {
      const location = `http://${host}:${portOf(canary)}/v2/acme/image/manifests/v1`;
      front.faults = always(answers(307, { headers: { location } }));
      const error = await failureOf(publicClient().get("acme/image", "v1"));
      expect(error.code).toBe("REGISTRY_REDIRECT");
      expect(error.message).toContain("redirects to the internal host");
      expect(canary.seen).toEqual([]);
    },
  );

  it("may not have an upload sent to this machine", async () => {
    const location = `${canary.origin}/v2/acme/image/blobs/uploads/x`;
    front.faults = always(only(/^POST/, answers(202, { headers: { location } })));
    const source = new RegistryClient({ host: registry.host });
    const error = await failureOf(
      copyImage({
        from: { client: source, repository: "acme/image" },
        to: { client: publicClient(), repository: "acme/upload" },
        digest: image.digest,
        tag: "v1",
      }),
    );
    expect(error.code).toBe("REGISTRY_REDIRECT");
    expect(canary.seen).toEqual([]);
    expect(await tagsOf(registry.origin, "acme/upload")).toEqual([]);
  });

  it("may not have credentials sent to this machine", async () => {
    const realm = `Bearer realm="${canary.origin}/token",service="x"`;
    front.faults = always(answers(401, { headers: { "www-authenticate": realm } }));
    const error = await failureOf(publicClient().get("acme/image", "v1"));
    expect(error.code).toBe("REGISTRY_REDIRECT");
    expect(canary.seen).toEqual([]);
  });
});

it("credentials stay with their host when a blob is kept by another one", async () => {
  const basic = answers(401, { headers: { "www-authenticate": 'Basic realm="x"' } });
  const location = `http://storage.example.com:${portOf(canary)}/v2/acme/image/blobs/`;
  front.faults = [
    basic,
    ...always((incoming, answer) => {
      const [, digest] = /^\/v2\/acme\/image\/blobs\/(.*)/.exec(incoming.url ?? "") ?? [];
      if (digest === undefined) return false;
      return answers(307, { headers: { location: location + digest } })(incoming, answer);
    }),
  ];
  const result = await copyImage({
    from: { client: publicClient(), repository: "acme/image" },
    to: { client: new RegistryClient({ host: other.host }), repository: "acme/elsewhere" },
    digest: image.digest,
    tag: "v1",
  });
  expect(result.blobs.copied).toBe(6);
  expect(front.authorizations.filter((header) => header.startsWith("Basic "))).toHaveLength(7);
  expect(canary.authorizations).toEqual(Array(6).fill(""));
});

it("an upload that another host takes in gets no credentials", async () => {
  const basic = answers(401, { headers: { "www-authenticate": 'Basic realm="x"' } });
  front.faults = [basic];
  front.rewrite = (_, headers, body) => {
    const { location } = headers;
    if (typeof location !== "string") return body;
    const { pathname, search } = new URL(location, front.origin);
    headers.location = `http://storage.example.com:${portOf(canary)}${pathname}${search}`;
    return body;
  };
  await publicClient().writeBlob("acme/upload", new Uint8Array(Buffer.from("a record")));
  expect(canary.seen).toEqual([expect.stringMatching(/^PUT .*uploads/)]);
  expect(canary.authorizations).toEqual([""]);
});

describe("a registry that can't be talked to", () => {
  const servers: Server[] = [];
  afterEach(async () => {
    await Promise.all(
      servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))),
    );
  });

  async function listen(server: Server): Promise<string> {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return String((server.address() as { port: number }).port);
  }

  const at = (origin: string, timeoutMs?: number) =>
    new RegistryClient({
      host: PUBLIC,
      origin,
      timeoutMs,
      retry: { sleep: () => Promise.resolve() },
    }).get("acme/image", "v1");

  it("because its name is unknown is named", async () => {
    vi.restoreAllMocks();
    const error = await failureOf(at("https://registry.invalid"));
    expect(error.code).toBe("REGISTRY_UNREACHABLE");
    expect(error.message).toMatch(/registry\.invalid can't be reached: .*(ENOTFOUND|EAI_AGAIN)/);
    expect(error.hint).toContain("check the registry's address");
  });

  it("because nobody knows its certificate is not tried again", async () => {
    const dir = await scratch();
    const [key, cert] = [join(dir, "key.pem"), join(dir, "cert.pem")];
    const pair = ["-keyout", key, "-out", cert, "-subj", `/CN=${PUBLIC}`, "-days", "2"];
    execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...pair], {
      stdio: "ignore",
    });
    let connections = 0;
    const server = createTlsServer({ key: await readFile(key), cert: await readFile(cert) });
    server.on("connection", () => (connections += 1));
    const port = await listen(server);
    const error = await failureOf(at(`https://${PUBLIC}:${port}`));
    expect(error.code).toBe("REGISTRY_TLS");
    expect(error.message).toMatch(/self-signed certificate/);
    expect(error.hint).toContain("NODE_EXTRA_CA_CERTS");
    expect(connections).toBe(1);
  });

  it("because it takes connections and says nothing is named a time-out", async () => {
    const sockets: Socket[] = [];
    const port = await listen(createServer((socket) => void sockets.push(socket)));
    const error = await failureOf(at(`https://${PUBLIC}:${port}`, 200));
    expect(error.code).toBe("REGISTRY_TIMEOUT");
    expect(error.message).toContain("gave no whole answer within 200 ms (4 attempts)");
    for (const socket of sockets) socket.destroy();
  });
});
