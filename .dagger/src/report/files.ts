import type { Directory } from "@dagger.io/dagger";
import type { VerificationRun } from "../verify/verify.ts";
import { toHtml } from "./html/page.ts";
import { toJson } from "./json.ts";
import { toJUnit } from "./junit.ts";
import { toSummary } from "./summary.ts";

/** Every file of a report, by its path. */
export function reportFiles({ verification, logs }: VerificationRun): Record<string, string> {
  return {
    "verification.json": toJson(verification),
    "junit.xml": toJUnit(verification),
    "report.html": toHtml(verification),
    "summary.txt": toSummary(verification),
    ...Object.fromEntries(Object.entries(logs).map(([name, text]) => [`logs/${name}`, text])),
  };
}

/** Puts files into a directory. */
export function withFiles(
  directory: Directory,
  files: Readonly<Record<string, string>>,
): Directory {
  return Object.entries(files).reduce(
    (self, [path, content]) => self.withNewFile(path, content),
    directory,
  );
}
