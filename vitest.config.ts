import { defineConfig } from "vitest/config";

/** One vitest project per kind of proof; each folder under `test/` says which. */
const project = (name: string, timeoutSeconds: number, include = `test/${name}/**/*.test.ts`) => ({
  test: {
    name,
    include: [include],
    testTimeout: timeoutSeconds * 1000,
    hookTimeout: timeoutSeconds * 1000,
  },
});

/** Tests that are programs over the SDK: they share the session chosen in `test/support/session.ts`. */
const inOneSession = ({ test }: ReturnType<typeof project>) => ({
  test: {
    ...test,
    globalSetup: ["test/support/session.ts"],
    setupFiles: ["test/support/connect.ts"],
  },
});

export default defineConfig({
  test: {
    // Most tests wait for containers more than they compute.
    maxWorkers: 3,
    projects: [
      project("unit", 60),
      project("contract", 60),
      inOneSession(project("conformance", 240)),
      project("e2e", 600),
      project("faults", 240),
      // Not in ci/test: test/real-engine runs it.
      project("real-engine", 1800, "test/real-engine.d/**/*.test.ts"),
    ],
  },
});
