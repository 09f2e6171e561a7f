import { SluiceError } from "../error.ts";
import type { BuildNames } from "./labels.ts";

const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

/** Version and time for the images' labels. Throws `ARGUMENTS_INVALID`. */
export function buildNames(version?: string, created?: string): BuildNames {
  if (version !== undefined && !/^[^\u0000-\u001f\u007f]{1,255}$/u.test(version)) {
    throw invalid(`--version: expected text on one line, got ${JSON.stringify(version)}`);
  }
  if (created !== undefined && (!RFC_3339.test(created) || Number.isNaN(Date.parse(created)))) {
    throw invalid(
      `--created: expected a time such as 2026-01-31T12:00:00Z, got ${JSON.stringify(created)}`,
    );
  }
  return { version, created };
}

function invalid(reason: string): SluiceError {
  return new SluiceError("ARGUMENTS_INVALID", reason);
}
