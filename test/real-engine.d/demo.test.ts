import { expect, test } from "vitest";
import { onDagger, printed, root, run } from "./support/engine.ts";

test("the demo comes out as stated: one release promoted, one refused", async () => {
  const env = { SLUICE_ENGINE: onDagger ? "dagger" : "embedded" };
  const told = await printed(run(`${root}ci/demo`, [], { env }));
  expect(told).toMatch(/released: prod in two registries is exactly what was verified/);
});
