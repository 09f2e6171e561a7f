import { describe, expect, it } from "vitest";
import { SluiceError } from "../../.dagger/src/error.ts";
import { isFault } from "../../.dagger/src/fault.ts";
import { evaluateGates } from "../../.dagger/src/gates/evaluate.ts";

/** What a piece of work throws. */
async function thrownBy(work: () => unknown): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

/** Types would keep such mistakes out; at run time they come from packages and engines. */
const nothing = undefined as unknown as { member: () => void };

const absent: string = "no-such-package";
/** Runs JavaScript as a file of its own. */
const run = (code: string) => import(`data:text/javascript,${code}`) as Promise<unknown>;

const faults: Record<string, () => unknown> = {
  "a missing export": () => run("import { ExecError } from 'node:path'"),
  "code that can't be parsed": () => run("this is no code"),
  "a missing file": () => import(new URL("missing.mjs", import.meta.url).href),
  "a missing package": () => import(absent),
  "a member of nothing": () => nothing.member,
  "a call of what is no function": () => (1 as unknown as () => void)(),
  "a name that nothing has": () => run("missing"),
  "recursion without end": function again(): unknown {
    return again();
  },
};

const inputs: Record<string, () => unknown> = {
  "text that is no JSON": () => JSON.parse("{ no }") as unknown,
  "JSON that is cut off": () => JSON.parse('{"a":') as unknown,
  "a pattern that can't be compiled": () => new RegExp("("),
  "an address that is none": () => new URL("no address"),
  "a host that can't be reached": () => fetch("http://127.0.0.1:1/"),
  "a file that is not there": () => import("node:fs/promises").then((fs) => fs.stat("/missing")),
  "an error for people": () => {
    throw new SluiceError("PIPELINE_INVALID", "it is not valid");
  },
};

describe("a fault of the program", () => {
  it.each(Object.entries(faults))("is %s", async (_name, work) => {
    expect(isFault(await thrownBy(work))).toBe(true);
  });

  it.each(Object.entries(inputs))("is not %s", async (_name, work) => {
    expect(isFault(await thrownBy(work))).toBe(false);
  });

  it("stays what it is, whatever an error would make of it", async () => {
    const cause = await thrownBy(() => nothing.member);
    const rewording = () => {
      throw new SluiceError("COMMIT_UNKNOWN", "abc can't be read", { cause, hint: "fetch it" });
    };
    expect(await thrownBy(rewording)).toBe(cause);
  });

  it("is no gate that says no", async () => {
    const gate = { name: "tested", explanation: "", check: async () => nothing.member() as never };
    await expect(evaluateGates([gate])).rejects.toThrow(TypeError);
  });
});
