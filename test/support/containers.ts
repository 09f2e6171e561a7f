import { randomUUID } from "node:crypto";
import { dag, type Container, type ClientContainerOpts } from "@dagger.io/dagger";

export const baseImage = "debian:bookworm-slim";

const run = randomUUID();

/**
 * A small container with a shell and coreutils. Its environment names this test run, so that what
 * runs in it runs now, and is not answered from the cache of an earlier run.
 */
export function debian(opts?: ClientContainerOpts): Container {
  return dag.container(opts).from(baseImage).withEnvVariable("TEST_RUN", run);
}

/** A value that no earlier test or run has used. */
export function nonce(): string {
  return randomUUID().replaceAll("-", "").slice(0, 16);
}

/** Arguments that run a shell script. */
export function sh(script: string): string[] {
  return ["sh", "-c", script];
}

/** Names a user `ann` (1234) and a group `crew` (4321) the way every distribution understands. */
export const addUser = sh(
  "echo ann:x:1234:1234::/home/ann:/bin/sh >> /etc/passwd; " +
    "echo ann:x:1234: >> /etc/group; echo crew:x:4321: >> /etc/group",
);
