import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Header, pack } from "tar-stream";

type EntryHeader = Partial<Header> & Pick<Header, "name">;

/** Writes entries of a tar stream, one after the other. */
export interface TarWriter {
  /** A directory, or an entry that is all header. */
  entry(header: EntryHeader): void;
  file(header: EntryHeader, content: Uint8Array): void;
  /** `header.size` must be the number of bytes that `content` gives. */
  stream(header: EntryHeader, content: Readable): Promise<void>;
}

/** A tar stream made by `write` as fast as it is read. A failure of `write` destroys the stream. */
export function tarStream(write: (tar: TarWriter) => Promise<void>): Readable {
  const tar = pack();
  const writer: TarWriter = {
    entry: (header) => void tar.entry(header),
    file: (header, content) => void tar.entry(header, content),
    stream: (header, content) => pipeline(content, tar.entry(header)),
  };
  write(writer).then(
    () => tar.finalize(),
    (error: unknown) => tar.destroy(error as Error),
  );
  return Readable.from(tar);
}

/** A tar stream with one directory; root's and open to all readers unless told. `path` without slash at the end. */
export function directoryTar(
  path: string,
  { mode = 0o755, uid = 0, gid = 0 }: { mode?: number; uid?: number; gid?: number } = {},
): Readable {
  return tarStream(async (tar) => {
    tar.entry({ name: `${path}/`, type: "directory", mode, uid, gid });
  });
}
