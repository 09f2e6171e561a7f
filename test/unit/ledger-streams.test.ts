import { describe, expect, it } from "vitest";
import {
  channelStream,
  commitStream,
  headTag,
  parseTag,
  recordTag,
} from "../../.dagger/src/ledger/streams.ts";
import { isTag } from "../../.dagger/src/pipeline/schema/names.ts";

const names = [
  "a",
  "a.1",
  "a.1.2",
  "a.head",
  "a.head.1",
  "head",
  "1",
  "a_b",
  "a-b",
  "A",
  "x".repeat(63),
];
const commit = "0123456789abcdef0123456789abcdef01234567";

describe("a stream's tags", () => {
  const streams = [...names.map(channelStream), commitStream(commit)];

  it.each(streams)("of %s tell which stream and record they are of", (stream) => {
    expect(parseTag(headTag(stream))).toEqual({ stream, sequence: "head" });
    for (const sequence of [1, 2, 10, 123_456_789_012]) {
      expect(parseTag(recordTag(stream, sequence))).toEqual({ stream, sequence });
      expect(isTag(recordTag(stream, sequence))).toBe(true);
    }
  });

  it("are never those of another stream", () => {
    const tags = streams.flatMap((stream) => [
      headTag(stream),
      ...[1, 2, 11, 12].map((sequence) => recordTag(stream, sequence)),
    ]);
    expect(new Set(tags).size).toBe(tags.length);
  });

  it.each([
    "latest",
    "channel.a",
    "channel.a.0",
    "channel.a.01",
    "commit.abc.1",
    "channel..head.",
    "",
  ])("are not %j", (tag) => expect(parseTag(tag)).toBeUndefined());
});

it.each(["", "../x", "--flag", "a b", "a\n", "x".repeat(64)])("%j is no channel", (name) => {
  expect(() => channelStream(name)).toThrow();
});

it.each(["", "abc", `${commit}0`, commit.toUpperCase()])("%j is no commit", (text) => {
  expect(() => commitStream(text)).toThrow("not a whole commit");
});
