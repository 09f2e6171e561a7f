import { connection } from "@dagger.io/dagger";
import { afterAll, beforeAll } from "vitest";

/**
 * Vitest set-up file: keeps one SDK connection open while a test file runs, so that tests use the
 * global `dag` as a user's program does.
 */
let end: () => void = () => undefined;
let ended: Promise<void> = Promise.resolve();

beforeAll(async () => {
  const held = new Promise<void>((resolve) => (end = resolve));
  await new Promise<void>((opened, failed) => {
    ended = connection(async () => {
      opened();
      await held;
    });
    ended.catch(failed);
  });
});

afterAll(async () => {
  end();
  await ended;
});
