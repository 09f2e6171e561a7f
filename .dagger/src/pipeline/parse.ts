import { SluiceError } from "../error.ts";
import { type Document, readDocument } from "./document.ts";
import { expectations, problemsOf } from "./issues.ts";
import type { Pipeline } from "./model.ts";
import { normalise } from "./normalise.ts";
import { describeProblem, type Problem } from "./problem.ts";
import { draftOf } from "./rules/draft.ts";
import { rules } from "./rules/rules.ts";
import { pipelineFile } from "./schema/file.ts";

/** Longest file that is read; characters. */
const MAX_LENGTH = 1_000_000;

/**
 * Reads a pipeline file.
 *
 * @param text the file's content
 * @param file its path, for messages
 * @throws SluiceError `PIPELINE_INVALID` with everything that is wrong, each on one line with
 *   file, line, column and path
 */
export function parsePipeline(text: string, file: string): Pipeline {
  if (text.length > MAX_LENGTH)
    throw invalid(file, [`${file}: longer than ${MAX_LENGTH} characters`]);
  const document = readDocument(text);
  if (document.faults.length > 0) {
    throw invalid(
      file,
      document.faults.map((fault) => describeProblem(file, { path: [], ...fault })),
    );
  }
  const result = pipelineFile.safeParse(document.data, { error: expectations });
  const problems = [
    ...problemsOf(result.error?.issues ?? [], document),
    ...problemsBetween(document),
  ];
  if (problems.length > 0 || !result.success) {
    throw invalid(
      file,
      problems.sort(byPosition).map((problem) => describeProblem(file, problem)),
    );
  }
  return normalise(result.data, file);
}

function problemsBetween(document: Document): Problem[] {
  const draft = draftOf(document.data);
  return rules
    .flatMap((rule) => rule(draft))
    .map(({ path, message, atKey = false }) => ({
      position: atKey ? document.keyAt(path) : document.valueAt(path),
      path,
      message,
    }));
}

function byPosition({ position: one }: Problem, { position: other }: Problem): number {
  return one.line - other.line || one.column - other.column;
}

function invalid(file: string, lines: readonly string[]): SluiceError {
  const [first = "", ...others] = lines;
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  return new SluiceError("PIPELINE_INVALID", [`${first}${more}`, ...others].join("\n"), {
    hint: "correct the file; docs/reference/release-yaml.md explains every key",
  });
}
