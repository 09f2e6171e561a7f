import { describe, expect, test } from "vitest";
import { Scrubber, secretFilter } from "../../dagger/core/scrub.ts";

const scrubberOf = (...secrets: string[]) => {
  const scrubber = new Scrubber();
  for (const secret of secrets) scrubber.add(secret);
  return scrubber;
};

describe("text", () => {
  test("loses secrets as they are, in JSON, in URLs and in base64", () => {
    const secret = 'p"ss w/rd!';
    const forms = [
      secret,
      JSON.stringify({ secret }),
      `https://user:${encodeURIComponent(secret)}@host/`,
      Buffer.from(secret).toString("base64"),
    ];
    for (const form of forms) {
      const clean = scrubberOf(secret).scrub(`before ${form} after`);
      expect(clean).toMatch(/^before .*\*\*\*.* after$/);
      expect(clean).not.toContain("w/rd");
    }
  });

  test("loses a secret that begins with another one as a whole", () => {
    expect(scrubberOf("abc", "abcdef").scrub("abcdef abc")).toBe("*** ***");
  });

  test("keeps characters that mean something in a pattern", () => {
    expect(scrubberOf("a.c$").scrub("abc$ a.c$")).toBe("abc$ ***");
  });

  test("loses secrets of any size", () => {
    const key = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 251)).toString();
    expect(scrubberOf(key).scrub(`<${key}>`)).toBe("<***>");
  });

  test("is left alone where a secret is too short to be told from ordinary text", () => {
    expect(scrubberOf("ab", "").scrub("ab abc")).toBe("ab abc");
  });
});

describe("output of a process", () => {
  const through = (secrets: string[], pieces: Buffer[]): Buffer => {
    const filter = secretFilter(secrets.map((secret) => Buffer.from(secret)));
    return Buffer.concat([...pieces.map((piece) => filter.push(piece)), filter.end()]);
  };

  test("loses a secret wherever it is cut", () => {
    const output = Buffer.from("a sécret-value, sécret and séc");
    for (let cut = 0; cut <= output.length; cut++) {
      const pieces = [output.subarray(0, cut), output.subarray(cut)];
      expect(through(["sécret-value", "sécret"], pieces).toString()).toBe("a ***, *** and séc");
    }
  });

  // Seen on a real engine v0.21.8.
  test.each([
    ["a value of one character", ["1"], "2112", "2******2"],
    ["a value that is white space", ["\n"], "a\nb\n", "a***b***"],
    ["a value in white space, also without it", [" x "], "a x b\nx\n", "a***b\n***\n"],
    ["the longest that fits", ["ab", "abc"], "ababcab abd", "********* ***d"],
    ["no line of a longer value", ["line1\nline2\n"], "line1\n", "line1\n"],
    ["nothing for an empty value", [""], "ok", "ok"],
    ["no other form", ["topsecret"], "dG9wc2VjcmV0", "dG9wc2VjcmV0"],
  ])("loses %s", (_what, secrets, output, shown) => {
    expect(through(secrets, [Buffer.from(output)]).toString()).toBe(shown);
  });

  test("is handed on as soon as it can't be the beginning of a secret", () => {
    const filter = secretFilter([Buffer.from("secret")]);
    expect(filter.push(Buffer.from("a line\nsec")).toString()).toBe("a line\n");
    expect(filter.push(Buffer.from("ond\n")).toString()).toBe("second\n");
  });

  test("keeps every other byte, text or not", () => {
    const bytes = Buffer.from(Array.from({ length: 512 }, (_, index) => index % 256));
    expect(through(["secret"], [bytes.subarray(0, 100), bytes.subarray(100)])).toEqual(bytes);
    expect(through([], [bytes])).toEqual(bytes);
  });
});
