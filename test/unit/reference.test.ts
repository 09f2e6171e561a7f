import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");

test(
  "the reference and the JSON Schema say what the sources say",
  { timeout: 120_000 },
  async () => {
    const checked = promisify(execFile)("npm", ["run", "-s", "reference", "--", "--check"], {
      cwd: root,
    });
    await expect(
      checked.then(
        () => "current",
        (error: unknown) => (error as { stderr: string }).stderr,
      ),
    ).resolves.toBe("current");
  },
);
