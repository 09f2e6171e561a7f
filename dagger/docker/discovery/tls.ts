import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TlsMaterial } from "../daemon/endpoint.ts";

/** Reads `ca.pem`, `cert.pem` and `key.pem` of a folder; those that do not exist are left out. */
export async function readTls(folder: string): Promise<TlsMaterial> {
  const [ca, cert, key] = await Promise.all(
    ["ca.pem", "cert.pem", "key.pem"].map((name) => readOptional(join(folder, name))),
  );
  return { ca, cert, key };
}

async function readOptional(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
