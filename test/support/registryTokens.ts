import { execFileSync } from "node:child_process";
import { createSign, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Hands out tokens that a registry of the distribution project believes. */
export interface TokenServer {
  /** What to tell the registry about it. */
  auth: { token: { realm: string; service: string; issuer: string; rootcertbundle: string } };
  /** Scopes of each request for a token, in order. */
  asked: string[][];
  /** Authorization headers of those, in order. */
  authorizations: string[];
  /** Tokens handed out, in order. */
  tokens: string[];
  /** Repositories that nobody may read or write. */
  forbidden: Set<string>;
  stop(): Promise<void>;
}

const SERVICE = "registry.test";

/** Starts a token server on loopback; it gives everybody what they ask for. */
export async function startTokenServer(): Promise<TokenServer> {
  const home = mkdtempSync(join(tmpdir(), "sluice-tokens-"));
  const [key, cert] = [join(home, "key.pem"), join(home, "cert.pem")];
  const subject = ["-subj", "/CN=tokens.test", "-days", "2"];
  execFileSync(
    "openssl",
    ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, ...subject],
    { stdio: "ignore" },
  );
  const der = readFileSync(cert, "utf8").replaceAll(/-----.*?-----|\s/g, "");
  const server = createServer((incoming, answer) => {
    const url = new URL(incoming.url ?? "/", "http://tokens.test");
    const scopes = url.searchParams.getAll("scope");
    tokens.asked.push(scopes);
    tokens.authorizations.push(incoming.headers.authorization ?? "");
    const granted = scopes
      .map((scope) => scope.split(":"))
      .filter(([, name = ""]) => !tokens.forbidden.has(name))
      .map(([type, name, actions = ""]) => ({ type, name, actions: actions.split(",") }));
    const token = signed(readFileSync(key), der, granted);
    tokens.tokens.push(token);
    answer.writeHead(200, { "content-type": "application/json" });
    answer.end(JSON.stringify({ token, expires_in: 300 }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const realm = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
  const tokens: TokenServer = {
    auth: { token: { realm, service: SERVICE, issuer: "tokens.test", rootcertbundle: cert } },
    asked: [],
    authorizations: [],
    tokens: [],
    forbidden: new Set(),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(home, { recursive: true, force: true });
    },
  };
  return tokens;
}

function signed(key: Buffer, certificate: string, access: unknown): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: "tokens.test",
    sub: "sluice",
    aud: SERVICE,
    nbf: now - 10,
    iat: now,
    exp: now + 300,
    jti: randomUUID(),
    access,
  };
  const head = { typ: "JWT", alg: "RS256", x5c: [certificate] };
  const text = [head, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  return `${text}.${createSign("RSA-SHA256").update(text).sign(key).toString("base64url")}`;
}
