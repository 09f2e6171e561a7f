import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { scratch } from "./scratch.ts";

/** An HTTPS server on this host's loopback, with a certificate that it signed itself. */
export async function secureServer(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  /** What the certificate is for, as OpenSSL writes it. */
  altName = "IP:127.0.0.1",
): Promise<{ port: number; certificate: string }> {
  const root = await scratch();
  const pair = ["-keyout", join(root, "key.pem"), "-out", join(root, "cert.pem")];
  execFileSync(
    "openssl",
    [
      ...[
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        ...pair,
      ],
      ...["-subj", "/CN=shop", "-addext", `subjectAltName=${altName}`],
    ],
    { stdio: "ignore" },
  );
  const [key, cert] = await Promise.all(
    ["key.pem", "cert.pem"].map((name) => readFile(join(root, name))),
  );
  const server = createServer({ key, cert }, handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    port: (server.address() as AddressInfo).port,
    certificate: join(root, "cert.pem"),
  };
}
