import { ExecFailedError, SluiceError } from "../../core/error.ts";
import { isDiskFull } from "../daemon/errors.ts";
import type { FailedStep } from "./trace.ts";

/** BuildKit's words for a command that failed, of old and of now. */
const FAILED_COMMAND =
  /(?:executor failed running \[(.*)\]|process "(.*)" did not complete successfully): exit code: (\d+)/s;
const SHOWN_LINES = 20;

/** The error for a build that BuildKit gave up: names the step and ends with its last output. */
export function buildFailure(
  words: string,
  step: FailedStep | undefined,
  scrub: (text: string) => string,
): SluiceError {
  if (isDiskFull(words)) {
    return new SluiceError("DISK_FULL", `no space left on the Docker host: ${words}`, {
      hint: "Free disk space on the Docker host (docker system df shows what takes it).",
    });
  }
  const [, old, current, code] = FAILED_COMMAND.exec(words) ?? [];
  const command = old ?? current;
  if (command === undefined) {
    const where = step && step.name !== "" ? `${step.name}: ` : "";
    return new SluiceError("BUILD_FAILED", scrub(`${where}${words}`));
  }
  const exitCode = Number(code);
  const reason = `process ${JSON.stringify(command)} did not complete successfully: exit code: ${exitCode}`;
  const stdout = scrub(step?.stdout ?? "").trimEnd();
  const stderr = scrub(step?.stderr ?? "").trimEnd();
  const tail = [...stdout.split("\n"), ...stderr.split("\n")]
    .filter((line) => line !== "")
    .slice(-SHOWN_LINES);
  const message = [`${step?.name ?? "build"}: ${reason}`, ...tail].join("\n");
  return new ExecFailedError({ cmd: [command], exitCode, stdout, stderr }, scrub(message));
}
