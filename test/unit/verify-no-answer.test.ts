import { expect, test } from "vitest";
import { reasonOf } from "../../.dagger/src/verify/probe/no-answer.ts";

function failed(code: string, message = "raw words"): Error {
  return Object.assign(new Error(message), { code });
}

test.each([
  ["CERT_HAS_EXPIRED", "the certificate is not valid: it has expired (CERT_HAS_EXPIRED)"],
  ["ECONNREFUSED", "the connection was refused"],
  ["ENOTFOUND", "no host of this name is known (ENOTFOUND)"],
  ["ESOMETHING", "raw words"],
])("%s is put into words", (code, words) => {
  expect(reasonOf(failed(code))).toBe(words);
});

test("of several addresses the first one's error is told", () => {
  const both = new AggregateError([failed("ECONNREFUSED"), failed("ENETUNREACH")]);
  expect(reasonOf(both)).toBe("the connection was refused");
});

test("what is no error is told as it is", () => {
  expect(reasonOf("gone")).toBe("gone");
});
