import { readFile } from "node:fs/promises";
import { keyOf } from "../core/key.ts";
import type { Daemon } from "../docker/daemon/daemon.ts";
import { tarStream } from "../docker/tar.ts";
import { ensureProgram, produce } from "./host.ts";
import { defaultPath } from "./recipe.ts";
import { findStandIn, importImage, type StandInImage } from "./store.ts";

/** What a statically linked busybox still loads when it looks a host name up. */
const nameService = ["libnss_files.so.2", "libnss_dns.so.2", "libresolv.so.2", "libc.so.6"];
const triplets: Record<string, [string, string] | undefined> = {
  x64: ["x86_64-linux-gnu", "lib64/ld-linux-x86-64.so.2"],
  arm64: ["aarch64-linux-gnu", "lib/ld-linux-aarch64.so.1"],
};

/** An image that is Debian's static busybox with its applets, and no more. */
export async function busyboxImage(
  daemon: Daemon,
  making: () => void,
  signal?: AbortSignal,
): Promise<StandInImage> {
  const key = keyOf("stand-in-busybox", 2, process.arch).slice(0, 32);
  const known = await findStandIn(daemon, key);
  if (known) return known;
  making();
  await ensureProgram("/bin/busybox", ["busybox-static"], signal);
  const busybox = await readFile("/bin/busybox");
  const applets = (await textOf("/bin/busybox", ["--list"]))
    .split("\n")
    .filter((name) => name && name !== "busybox");
  const version = /v(\d[\d.]+)/.exec(await textOf("/bin/busybox", ["--help"]))?.[1] ?? "";
  const what = `busybox ${version} from Debian, without a package manager`;
  const [triplet, loader] = triplets[process.arch] ?? [];
  const libraries =
    triplet && loader
      ? await Promise.all([
          ...nameService.map(
            async (name) =>
              [`lib/${triplet}/${name}`, await readFile(`/lib/${triplet}/${name}`)] as const,
          ),
          readFile(`/${loader}`).then((bytes) => [loader, bytes] as const),
        ])
      : [];
  const certificates = await readFile("/etc/ssl/certs/ca-certificates.crt").catch(() =>
    Buffer.alloc(0),
  );
  const tar = tarStream(async (writer) => {
    for (const folder of [
      "bin",
      "dev",
      "etc",
      "home",
      "proc",
      "root",
      "run",
      "sbin",
      "sys",
      "usr",
      "usr/bin",
      "var",
    ]) {
      writer.entry({ name: `${folder}/`, type: "directory", mode: 0o755 });
    }
    writer.entry({ name: "tmp/", type: "directory", mode: 0o1777 });
    writer.file({ name: "bin/busybox", mode: 0o755 }, busybox);
    for (const name of applets)
      writer.entry({ name: `bin/${name}`, type: "symlink", linkname: "busybox" });
    for (const [name, bytes] of libraries) writer.file({ name, mode: 0o755 }, bytes);
    writer.file(
      { name: "etc/passwd", mode: 0o644 },
      Buffer.from("root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"),
    );
    writer.file({ name: "etc/group", mode: 0o644 }, Buffer.from("root:x:0:\nnogroup:x:65534:\n"));
    writer.file({ name: "etc/ssl/certs/ca-certificates.crt", mode: 0o644 }, certificates);
  });
  const config = {
    Cmd: ["sh"],
    Env: [defaultPath],
  };
  return importImage(daemon, tar, { key, what, config, signal });
}

async function textOf(program: string, args: string[]): Promise<string> {
  const { output, done } = produce(program, args);
  let text = "";
  for await (const chunk of output) text += String(chunk);
  await done;
  return text;
}
