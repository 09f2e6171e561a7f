import { dag } from "@dagger.io/dagger";
import { describe, expect, test } from "vitest";
import { Settings } from "../../.dagger/src/deploy/settings.ts";
import { planSteps, runSteps, type StepsAsked } from "../../.dagger/src/deploy/steps.ts";
import { SluiceError } from "../../.dagger/src/error.ts";
import type { PipelineStep } from "../../.dagger/src/pipeline/model.ts";
import { baseImage, nonce } from "../support/containers.ts";
import { busyboxImage } from "../support/web.ts";

const commit = "c".repeat(40);

function step(name: string, script: string, more: Partial<PipelineStep> = {}): PipelineStep {
  return {
    ...{ name, scopes: [], image: busyboxImage, command: ["sh", "-c", script] },
    ...{ env: {}, settings: [], timeoutMs: 60_000 },
    ...more,
  };
}

/** Runs steps as a deployment does; what was said and kept, and the error if there was one. */
async function deploy(
  steps: readonly PipelineStep[],
  more: Partial<StepsAsked> & { values?: Record<string, string> } = {},
) {
  const { values = {}, ...asked } = more;
  const said: string[] = [];
  const kept = new Map<string, string | Uint8Array>();
  const secretsFor = () =>
    Object.entries(values).map(([name, value]) => ({
      use: { use: "setting" as const, name },
      secret: dag.setSecret(`${name} ${nonce()}`, value),
    }));
  const ran = runSteps({
    ...{ steps, commit, release: "v1.2.3", environment: "production" },
    scope: { identity: false, infra: true, runtime: true },
    source: dag.directory().withNewFile("infra/main.txt", "what there is to apply"),
    settings: new Settings({ secretsFor }),
    signIn: (container) => container,
    keep: (path, content) => kept.set(path, content),
    scrub: (text) => text.replaceAll("hunter2-token", "***"),
    onProgress: (line) => said.push(line),
    signal: new AbortController().signal,
    ...asked,
  });
  const error = await ran.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { said, kept, error };
}

function failureOf(error: unknown): SluiceError {
  expect(error).toBeInstanceOf(SluiceError);
  return error as SluiceError;
}

describe("steps of a deployment", () => {
  test("run in order when their scope is changed, on the source, and keep what they leave", async () => {
    const { said, kept, error } = await deploy([
      step("identity", "echo never", { scopes: ["identity"] }),
      step(
        "infra",
        'pwd; cat infra/main.txt; echo; echo "$WHERE $SLUICE_COMMIT $SLUICE_RELEASE $SLUICE_ENVIRONMENT" >&2; mkdir -p /out/state; echo planned > /out/plan.txt; printf "\\377\\000" > /out/state/x.bin',
        { scopes: ["identity", "infra"], env: { WHERE: "north" } },
      ),
      step("check", "echo checked"),
    ]);
    expect(error).toBeUndefined();
    expect(Object.fromEntries(kept)).toEqual({
      [`infra/${commit}/output.log`]: `/src\nwhat there is to apply\nnorth ${commit} v1.2.3 production\n`,
      [`infra/${commit}/plan.txt`]: "planned\n",
      [`infra/${commit}/state/x.bin`]: Buffer.from([0xff, 0]),
      [`check/${commit}/output.log`]: "checked\n",
    });
    expect(said).toEqual([
      "step identity: skipped, the candidate does not change identity",
      expect.stringMatching(/^step infra: runs sh -c pwd; /) as string,
      "step infra: done",
      "step check: runs sh -c echo checked",
      "step check: done",
    ]);
  });

  test("run again each time, whatever the engine remembers", async () => {
    const dated = step("infra", "cat /proc/sys/kernel/random/uuid");
    const [first, second] = [await deploy([dated]), await deploy([dated])];
    const path = `infra/${commit}/output.log`;
    expect(first.kept.get(path)).toMatch(/^[0-9a-f-]{36}\n$/);
    expect(second.kept.get(path)).not.toBe(first.kept.get(path));
  });

  test("pass arguments as they are, without a shell", async () => {
    const odd = ["$(id)", "--flag", "a b", "*", ""];
    const { kept } = await deploy([
      step("echo", "", { command: ["printf", "[%s]", ...odd], image: baseImage }),
    ]);
    expect(kept.get(`echo/${commit}/output.log`)).toBe(odd.map((arg) => `[${arg}]`).join(""));
  });

  test("get their settings as secrets, which nothing that is kept shows", async () => {
    const { kept, error } = await deploy(
      [
        step("infra", 'test ${#ARM_TOKEN} = 13 && echo "it is $ARM_TOKEN" | tee /out/token.txt', {
          settings: ["ARM_TOKEN"],
        }),
      ],
      { values: { ARM_TOKEN: "hunter2-token", OTHER: "not asked for" } },
    );
    expect(error).toBeUndefined();
    expect(kept.get(`infra/${commit}/output.log`)).not.toContain("hunter2-token");
    expect(kept.get(`infra/${commit}/token.txt`)).toBe("it is ***\n");
  });

  test("that fail are told with their last lines, and nothing after them runs", async () => {
    const { said, kept, error } = await deploy([
      step(
        "infra",
        "echo applying; echo partial > /out/state.txt; echo quota exceeded >&2; exit 3",
      ),
      step("after", "echo never"),
    ]);
    const failure = failureOf(error);
    expect(failure.code).toBe("STEP_FAILED");
    expect(failure.reason).toBe("step infra: expected exit code 0, got 3");
    expect(failure.message).toContain("applying\nquota exceeded");
    expect(failure.hint).toMatch(/nothing after it was run$/);
    expect(kept.get(`infra/${commit}/state.txt`)).toBe("partial\n");
    expect(kept.get(`infra/${commit}/output.log`)).toContain("quota exceeded");
    expect(said).toHaveLength(1);
  });

  test.each([
    ["and may clean up", "trap 'echo cleaned up; exit 0' TERM", "waiting\ncleaned up\n"],
    ["even when they don't want to end", "trap '' TERM", "waiting\n"],
  ])("that don't end in time are stopped, %s", async (_, trap, output) => {
    const { kept, error } = await deploy([
      step("infra", `${trap}; echo waiting; while :; do sleep 1; done`, { timeoutMs: 2000 }),
    ]);
    const failure = failureOf(error);
    expect(failure.code).toBe("STEP_TIMED_OUT");
    expect(failure.reason).toBe("step infra did not end in 2 s, and was stopped");
    expect(kept.get(`infra/${commit}/output.log`)).toBe(output);
  });

  test("whose program is missing are told by its name", async () => {
    const { error } = await deploy([step("infra", "", { command: ["tofu", "apply"] })]);
    expect(failureOf(error).message).toMatch(/got 127.*\n.*tofu: not found in PATH/);
  });

  test.each([
    [
      "a setting is missing",
      { settings: ["ARM_TOKEN"] },
      "SETTING_MISSING",
      "a setting of the step infra is not given: ARM_TOKEN is missing or empty",
    ],
    [
      "the candidate doesn't speak of their scope",
      { scopes: ["network"] },
      "STEP_SCOPE_UNKNOWN",
      "step infra runs for the scope network, expected one that the candidate speaks of, got identity, infra, runtime",
    ],
  ])("don't begin when %s, not even those before", async (_, more, code, reason) => {
    const { said, kept, error } = await deploy([
      step("first", "echo first"),
      step("infra", "echo infra", more),
    ]);
    expect(failureOf(error)).toMatchObject({ code, reason });
    expect([said, kept.size]).toEqual([[], 0]);
  });

  test("need no setting of a step that is skipped", async () => {
    const { error } = await deploy([
      step("identity", "echo never", { scopes: ["identity"], settings: ["ARM_TOKEN"] }),
    ]);
    expect(error).toBeUndefined();
  });

  test("end between two of them when somebody asks to stop", async () => {
    const asked = new AbortController();
    const reason = new Error("asked to stop");
    const said: string[] = [];
    const { error, kept } = await deploy([step("one", "echo one"), step("two", "echo two")], {
      signal: asked.signal,
      onProgress: (line) => {
        said.push(line);
        if (line.startsWith("step one: runs")) asked.abort(reason);
      },
    });
    expect(error).toBe(reason);
    expect([...kept.keys()]).toEqual([`one/${commit}/output.log`]);
    expect(said.at(-1)).toBe("step one: done");
  });

  test("are planned without running", () => {
    const steps = [
      step("identity", "echo a", { scopes: ["identity"] }),
      step("infra", "echo b", { scopes: ["infra"] }),
    ];
    expect(planSteps({ steps, scope: { identity: false, infra: true } })).toEqual([
      "step identity: skipped, the candidate does not change identity",
      `step infra: runs sh -c echo b in ${busyboxImage}`,
    ]);
  });
});
