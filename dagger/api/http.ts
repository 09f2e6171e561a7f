import { createHash } from "node:crypto";
import { Readable, Transform } from "node:stream";
import { z } from "zod";
import { SluiceError } from "../core/error.ts";
import { keyOf } from "../core/key.ts";
import { field, type FieldDefinition } from "./define.ts";
import { File } from "./files/file.ts";
import { Secret } from "./secret.ts";
import { Service } from "./services/service.ts";

/** `dag.http(url)`: a file fetched once a session. */
export const httpField: FieldDefinition<unknown> = field(
  {
    url: z.url({ protocol: /^https?$/ }),
    name: z.string().optional(),
    permissions: z.number().int().optional(),
    checksum: z.string().optional(),
    authHeader: z.instanceof(Secret).optional(),
    experimentalServiceHost: z.instanceof(Service).optional(),
  },
  (_, args, { session }) => {
    if (args.checksum && !/^sha256:[0-9a-f]{64}$/.test(args.checksum)) {
      throw new SluiceError(
        "INVALID_ARGUMENT",
        `invalid checksum ${JSON.stringify(args.checksum)}: expected sha256:<64 hex digits>`,
      );
    }
    const name =
      args.name ??
      (decodeURIComponent(new URL(args.url).pathname.split("/").pop() ?? "") || "index");
    const key = keyOf(
      "http",
      args.url,
      name,
      args.permissions,
      args.checksum,
      args.authHeader?.key,
      args.experimentalServiceHost?.key,
    );
    return new File(session, key, name, () =>
      session.progress.task(`fetch ${args.url}`, async () => {
        const headers: Record<string, string> = args.authHeader
          ? { authorization: await args.authHeader.plaintext() }
          : {};
        const url = await dialled(args.url, args.experimentalServiceHost);
        const response = await fetch(url, { headers, signal: session.signal }).catch(
          (cause: unknown) => {
            throw new SluiceError("HTTP_FAILED", `GET ${args.url}: ${causeText(cause)}`, {
              cause,
              hint: "Check the address and the network.",
            });
          },
        );
        if (!response.ok || !response.body) {
          throw new SluiceError(
            "HTTP_FAILED",
            `GET ${args.url}: invalid response status ${response.status} ${response.statusText}`,
          );
        }
        const hash = createHash("sha256");
        const tee = new Transform({
          transform: (chunk: Buffer, _encoding, done) => (hash.update(chunk), done(null, chunk)),
        });
        const blob = await session.store.putStream(Readable.fromWeb(response.body).pipe(tee));
        const got = `sha256:${hash.digest("hex")}`;
        if (args.checksum && args.checksum !== got) {
          throw new SluiceError(
            "CHECKSUM_MISMATCH",
            `GET ${args.url}: expected ${args.checksum}, got ${got}`,
          );
        }
        const modified = Date.parse(response.headers.get("last-modified") ?? "");
        const mtime = Number.isNaN(modified) ? 0 : Math.floor(modified / 1000);
        return { kind: "file", mode: args.permissions ?? 0o600, uid: 0, gid: 0, mtime, blob };
      }),
    );
  },
);

async function dialled(url: string, service: Service | undefined): Promise<string> {
  if (!service) return url;
  const target = new URL(url);
  const running = await service.start();
  const { host, port } = running.dial(
    Number(target.port) || (target.protocol === "https:" ? 443 : 80),
  );
  return `${target.protocol}//${host}:${port}${target.pathname}${target.search}`;
}

function causeText(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return cause instanceof Error ? cause.message : String(cause);
}
