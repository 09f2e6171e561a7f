import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { scratch } from "../support/scratch.ts";
import { run } from "../real-engine.d/support/engine.ts";

const root = join(import.meta.dirname, "../..");
let programs: string;
let project: string;

beforeEach(async () => {
  const folder = await scratch();
  programs = join(folder, "bin");
  project = join(folder, "project");
  await mkdir(programs);
  await mkdir(join(project, ".git"), { recursive: true });
  const standIn = `exec ${root}/node_modules/.bin/tsx ${root}/test/support/daggerStandIn.ts "$@"`;
  await writeFile(join(programs, "dagger"), `#!/bin/sh\n${standIn}\n`);
  await chmod(join(programs, "dagger"), 0o755);
});

/** Runs the launcher in the project, with the stand-in as the installed Dagger. */
function sluice(args: string[], env: Record<string, string> = {}) {
  const PATH = [programs, process.env.PATH].join(delimiter);
  return run(process.execPath, [join(root, "bin/sluice.mjs"), "--engine", "dagger", ...args], {
    cwd: project,
    env: { PATH, STAND_IN_LOG: join(programs, "log"), ...env },
  });
}

async function logged(): Promise<Record<string, unknown>[]> {
  const text = await readFile(join(programs, "log"), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe("check, on an installed Dagger", () => {
  test("calls the module's functions with the user's repository", async () => {
    const { code, stdout } = await sluice(["check", "--no-generate"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/✔ compose-current \S+ OK/);
    expect(stdout).toMatch(/✔ validate \S+ OK/);
    const [first, ...asked] = await logged();
    expect(first).toEqual({ argv: ["--silent", "session"] });
    const sources = asked.map(({ source }) => String(source));
    expect(sources[0]).toContain(`moduleSource(refString: ${JSON.stringify(root)})`);
    expect(sources).toContain(
      `{ address(value: ${JSON.stringify(project)}) { directory(exclude: ["**/node_modules"]) { sync } } }`,
    );
    expect(sources).toContain(
      `{ sluice(source: ${JSON.stringify(`directory ${project}`)}) { validate } }`,
    );
    expect(asked.map(({ authorization }) => authorization)).toEqual(
      asked.map(() => `Basic ${Buffer.from("token:").toString("base64")}`),
    );
  });

  test("fails with the reason when one does", async () => {
    const { code, stdout, stderr } = await sluice(["check"], { STAND_IN_FAULT: "1" });
    expect(code).toBe(1);
    expect(stdout).toMatch(/✘ validate \S+ ERROR {2}release\.yaml:3:1 no \[PIPELINE_INVALID\]\n/);
    expect(stdout).toContain("generate function generate-compose produced changes");
    expect(stderr).toContain("2 of 3 checks failed");
  });

  test("lists, and takes patterns", async () => {
    const { stdout } = await sluice(["check", "--list", "val*"]);
    expect(stdout).toMatch(/^Name +Description\nvalidate +validate\n$/);
    expect(await sluice(["check", "valdate"])).toMatchObject({ code: 1 });
  });

  test("says what Dagger said when there is no session to be had", async () => {
    const { code, stderr } = await sluice(["check"], { STAND_IN_FAILS: "1" });
    expect(code).toBe(3);
    expect(stderr).toContain("can't be asked: start engine: no driver for scheme found\n");
  });

  test("is left to Dagger for somebody else's module", async () => {
    await writeFile(join(project, "dagger.json"), '{ "name": "theirs" }');
    expect(await sluice(["check", "--failfast"])).toMatchObject({ code: 0 });
    expect(await sluice(["generate", "-y"])).toMatchObject({ code: 0 });
    expect(await logged()).toEqual([
      { argv: ["check", "--failfast"] },
      { argv: ["generate", "-y"] },
    ]);
  });
});

test("generate, on an installed Dagger, changes the user's repository", async () => {
  const { code, stderr } = await sluice(["generate", "--auto-apply"]);
  expect(stderr).toContain("+ compose.yaml");
  expect(code).toBe(0);
  expect(await readFile(join(project, "compose.yaml"), "utf8")).toBe("generated\n");
});
