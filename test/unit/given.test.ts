import { expect, test } from "vitest";
import { given } from "../../.dagger/src/given.ts";

test("null, which a caller may write for what may be left out, is left out", () => {
  const commit: string | null = null;
  const args = given({ channel: "prod", commit, replay: false, limit: 0, note: "" });
  expect(args).toStrictEqual({
    ...{ channel: "prod", commit: undefined, replay: false, limit: 0, note: "" },
  });
});
