import type { Readable } from "node:stream";

/** One piece of a container's output. */
export interface OutputChunk {
  source: "stdout" | "stderr";
  bytes: Buffer;
}

const HEADER_LENGTH = 8;
const STDERR = 2;

/**
 * Takes Docker's multiplexed stream apart: frames of an 8-byte header (source, big-endian length)
 * and a payload. Payloads are handed on as they come, so a frame never has to fit into memory.
 */
export async function* demultiplex(stream: Readable): AsyncGenerator<OutputChunk> {
  let header = Buffer.alloc(0);
  let source: OutputChunk["source"] = "stdout";
  let remaining = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    let bytes = chunk;
    while (bytes.length > 0) {
      if (remaining === 0) {
        const wanted = HEADER_LENGTH - header.length;
        header = Buffer.concat([header, bytes.subarray(0, wanted)]);
        bytes = bytes.subarray(wanted);
        if (header.length < HEADER_LENGTH) break;
        source = header[0] === STDERR ? "stderr" : "stdout";
        remaining = header.readUInt32BE(4);
        header = Buffer.alloc(0);
        continue;
      }
      const payload = bytes.subarray(0, remaining);
      bytes = bytes.subarray(payload.length);
      remaining -= payload.length;
      yield { source, bytes: payload };
    }
  }
}
