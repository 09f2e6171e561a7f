import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const runSchema = z.object({
  date: z.string(),
  dagger: z.string(),
  passed: z.number(),
  failed: z.number(),
  skipped: z.number(),
  tests: z.array(
    z.object({
      suite: z.string(),
      test: z.string(),
      outcome: z.enum(["passed", "failed", "skipped"]),
      reason: z.string().optional(),
      seconds: z.number().optional(),
      embeddedSeconds: z.number().optional(),
    }),
  ),
});
type Run = z.infer<typeof runSchema>;

const BEGIN = "<!-- Written by `npm run reference` from docs/reference/real-engine.json. -->";
const END = "<!-- End of what is written. -->";

/** docs/engine.md, its table of the last run on a real engine made anew. */
export async function engineRunsReference(root: string): Promise<string> {
  const [text, json] = await Promise.all([
    readFile(join(root, "docs/engine.md"), "utf8"),
    readFile(join(root, "docs/reference/real-engine.json"), "utf8").catch(() => undefined),
  ]);
  const [before, rest] = [text.split(BEGIN)[0] ?? "", text.split(END)[1] ?? ""];
  const told = json === undefined ? "Not run yet." : table(runSchema.parse(JSON.parse(json)));
  return `${before}${BEGIN}\n\n${told}\n\n${END}${rest}`;
}

function table({ date, dagger, passed, failed, skipped, tests }: Run): string {
  const main = tests.filter(({ suite }) => suite === "main");
  const others = tests.filter(({ suite, outcome }) => suite !== "main" && outcome !== "passed");
  return [
    `Last run on ${date}, on Dagger ${dagger}: ${passed} passed, ${failed} failed, ${skipped} skipped.`,
    "",
    "| what was done | outcome | seconds | on the embedded engine |",
    "| --- | --- | --- | --- |",
    ...main.map(
      ({ test, outcome, seconds, embeddedSeconds }) =>
        `| ${cell(test.replace(/^.* > /, ""))} | ${outcome} | ${seconds ?? ""} | ${embeddedSeconds ?? ""} |`,
    ),
    ...(others.length === 0 ? [] : ["", "Of the conformance suite, these did not pass:", ""]),
    ...others.map(
      ({ test, outcome, reason = "" }) => `- ${cell(test)}: ${outcome}. ${cell(reason)}`,
    ),
  ].join("\n");
}

/** One line that no table and no page can be broken by. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;").replaceAll("*", "\\*");
}
