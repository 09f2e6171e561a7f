import type { Colors } from "picocolors/types.js";
import { isEnvironmentError, SluiceError } from "../core/error.ts";
import { messageOf } from "../core/message.ts";
import { CallError } from "./call/call-error.ts";
import { exitCode } from "./exit-code.ts";
import { UsageError } from "./usage-error.ts";

const outputLines = 20;

/** The exit code that stands for an error. A failed command's own code is passed on, as `dagger call` does. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof SluiceError)) return exitCode.failed;
  if (error.code === "INTERRUPTED") return exitCode.interrupted;
  if (isEnvironmentError(error)) return exitCode.environment;
  const code = error instanceof CallError ? error.exec?.exitCode : undefined;
  return code !== undefined && code > 0 && code < 256 ? code : exitCode.failed;
}

/**
 * What the operator reads: the root cause on the first line, then its code, where it happened, the
 * last output of a failed command and the next step.
 */
export function renderError(
  error: unknown,
  { colors, outputShown = false }: { colors: Colors; outputShown?: boolean },
): string {
  const lines = [`${colors.red(colors.bold("Error:"))} ${rootCause(error)}`];
  if (error instanceof UsageError) {
    lines.push("", `Run '${error.command ?? "sluice"} --help' for usage.`);
    return lines.join("\n") + "\n";
  }
  const detail = (name: string, value: string) => {
    lines.push(colors.dim(`  ${name.padEnd(9)}`) + value);
  };
  if (error instanceof SluiceError) detail("code", error.code);
  if (error instanceof CallError) {
    const where = error.path.filter((part) => typeof part === "string");
    if (where.length > 0) detail("where", where.join(" › "));
    if (error.exec) {
      if (error.exec.cmd.length > 0) detail("command", error.exec.cmd.map(quoted).join(" "));
      if (!outputShown) {
        lines.push(...output("stdout", error.exec.stdout, colors));
        lines.push(...output("stderr", error.exec.stderr, colors));
      }
    }
  }
  if (error instanceof SluiceError && error.options.hint)
    lines.push(`${colors.cyan("Next:")} ${error.options.hint}`);
  return lines.join("\n") + "\n";
}

/** The one line that says why. */
export function rootCause(error: unknown): string {
  const message = messageOf(error);
  if (!(error instanceof CallError) || !error.exec) return message;
  // "exit code: 1" alone says too little on the line that people read first.
  const { cmd, exitCode: code } = error.exec;
  if (!/^exit code: \d+$/.test(message) || cmd.length === 0) return message;
  return `${cmd.map(quoted).join(" ").slice(0, 120)}: exit code ${code}`;
}

function output(name: string, text: string, colors: Colors): string[] {
  const all = text.trimEnd().split("\n");
  if (text.trim() === "") return [];
  const shown = all.slice(-outputLines);
  const cut = shown.length < all.length ? ` (last ${shown.length} of ${all.length} lines)` : "";
  return [colors.dim(`  ${name}${cut}:`), ...shown.map((line) => `    ${line}`)];
}

const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
