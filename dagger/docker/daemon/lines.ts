import type { Readable } from "node:stream";

/** The JSON objects of a progress stream, one per line, as they come. */
export async function* jsonLines(stream: Readable): AsyncGenerator {
  let rest = "";
  stream.setEncoding("utf8");
  for await (const chunk of stream as AsyncIterable<string>) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") yield JSON.parse(line) as unknown;
  }
  if (rest.trim() !== "") yield JSON.parse(rest) as unknown;
}
