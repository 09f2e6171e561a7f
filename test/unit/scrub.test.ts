import { describe, expect, test } from "vitest";
import { Scrubber } from "../../dagger/core/scrub.ts";

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

describe("output in pieces", () => {
  const through = (scrubber: Scrubber, pieces: Buffer[]): Buffer => {
    const filter = scrubber.filter();
    return Buffer.concat([...pieces.map((piece) => filter.push(piece)), filter.end()]);
  };

  test("loses a secret wherever it is cut", () => {
    const scrubber = scrubberOf("sécret-value", "sécret");
    const output = Buffer.from("a sécret-value, sécret and séc");
    for (let cut = 0; cut <= output.length; cut++) {
      const pieces = [output.subarray(0, cut), output.subarray(cut)];
      expect(through(scrubber, pieces).toString()).toBe("a ***, *** and séc");
    }
  });

  test("keeps every other byte, text or not", () => {
    const bytes = Buffer.from(Array.from({ length: 512 }, (_, index) => index % 256));
    expect(through(scrubberOf("secret"), [bytes.subarray(0, 100), bytes.subarray(100)])).toEqual(
      bytes,
    );
    expect(through(new Scrubber(), [bytes])).toEqual(bytes);
  });
});
