import { expect, test } from "vitest";
import { git } from "../support/gitServer.ts";
import { printed, sluice } from "./support/engine.ts";
import { served } from "./support/remote.ts";
import { stack } from "./support/repository.ts";

test("two releases are planned, promoted under a lock, told of, rolled back, and recovered", async () => {
  const { dir, pipeline } = await stack();
  await git(dir, "remote", "add", "origin", await served(dir, pipeline));
  const call = (...args: string[]) =>
    printed(sluice(["call", "--operator", "ann", ...args], { cwd: dir }));
  const first = await git(dir, "rev-parse", "HEAD");

  await call("publish");
  expect(await call("plan", "--channel", "prod", "summary")).toContain("may go to prod");
  const promoted = await call("promote", "--channel", "prod", "--reason", "Begin", "summary");
  expect(promoted).toContain(first.slice(0, 12));
  expect(promoted).not.toContain("not locked");

  await git(dir, "commit", "--quiet", "--allow-empty", "--message", "Go on");
  await git(dir, "push", "--quiet", "origin", "main");
  const second = await git(dir, "rev-parse", "HEAD");
  // In one chain: each verb is the same verb.
  expect(await call("publish", "promote", "--channel", "prod", "summary")).toContain(
    second.slice(0, 12),
  );
  expect(await call("status", "summary")).toContain(second.slice(0, 12));

  const back = ["rollback", "--channel", "prod", "--reason", "Wrong prices", "summary"];
  expect(await call(...back)).toContain(first.slice(0, 12));
  expect(await call("history", "--channel", "prod", "summary")).toMatch(/Wrong prices|ann/);
  expect(await call("recover", "--channel", "prod")).toContain("nothing was left in the middle");
  expect(await call("check-ledger")).not.toContain("✖");

  // What was taken back can't come again by itself.
  const again = await sluice(["call", "promote", "--channel", "prod"], { cwd: dir });
  expect(again.code).toBe(1);
  expect(again.stderr).toContain("[GATES_FAILED]");
});
