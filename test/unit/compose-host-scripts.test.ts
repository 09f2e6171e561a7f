import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { encoded } from "../../.dagger/src/deploy/compose-host/request.ts";
import * as ask from "../../.dagger/src/deploy/compose-host/scripts/ask.ts";
import { library } from "../../.dagger/src/deploy/compose-host/scripts/library.ts";
import * as work from "../../.dagger/src/deploy/compose-host/scripts/worker.ts";
import { scratch } from "../support/scratch.ts";

const scripts = { library, ...ask, ...work };
const stack = { root: "/srv/shop", home: "/srv/shop", place: "current", project: "shop-live" };
const shellcheck = (() => {
  try {
    execFileSync("shellcheck", ["--version"]);
    return true;
  } catch {
    return false;
  }
})();

describe("the scripts for a Compose host", () => {
  it.each(Object.entries(scripts))("%s is for any POSIX shell", async (name, text) => {
    const path = join(await scratch(), name);
    await writeFile(path, text);
    execFileSync("sh", ["-n", path]);
    if (!shellcheck) return;
    // Variables that are set in one file and read in another.
    const allowed = ["--shell=sh", "--exclude=SC1091,SC2154,SC2034"];
    const run = () => execFileSync("shellcheck", [...allowed, path], { encoding: "utf8" });
    expect(run()).toBe("");
  });

  it("come in an archive that tar unpacks, with every text as it was given", async () => {
    const odd = `$(id)\n--flag 'x' "y" \\ ü ${"x".repeat(1000)}\n`;
    const text = encoded({
      ...{ script: "echo it runs\n", run: "1", stack, timeoutSeconds: 30 },
      ...{ values: { odd, empty: "" }, argv: { on: ["a b", odd], off: undefined } },
      release: { ".env": "A=1\n", "compose.yaml": "x".repeat(512) },
    });
    const folder = await scratch();
    const script = 'base64 -d | tar -xf - -C "$1"';
    execFileSync("sh", ["-c", script, "sh", folder], { input: text });
    const read = (path: string) => execFileSync("cat", [join(folder, path)], { encoding: "utf8" });
    expect(read("run")).toBe("echo it runs\n");
    expect(read("value/odd")).toBe(odd);
    expect(read("value/empty")).toBe("");
    expect(read("value/timeout")).toBe("30");
    expect(read("argv/on/0001")).toBe(odd);
    expect(read("release/.env")).toBe("A=1\n");
    expect(read("release/compose.yaml")).toHaveLength(512);
    expect(read("library")).toBe(library);
  });

  it("have nothing to run when the archive was cut off", async () => {
    const text = encoded({ script: "echo it runs\n", run: "1", stack, timeoutSeconds: 30 });
    const folder = await scratch();
    const script =
      'base64 -d 2>/dev/null | tar -xf - -C "$1" 2>/dev/null; [ ! -f "$1/run" ] || cat "$1/run"';
    const left = execFileSync("sh", ["-c", script, "sh", folder], {
      input: text.slice(0, -4200),
      encoding: "utf8",
    });
    expect(left).toBe("");
  });
});
