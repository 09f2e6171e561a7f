/** A command that could not be started, reported as Dagger's own engine reports it. */
export interface StartFailure {
  exitCode: number;
  stderr: string;
}

/** docker-init's one line when it can't execute the command. */
const INIT_COMPLAINT = /^\[FATAL tini \(\d+\)\] exec (.*) failed: (.*)\n?$/s;

/** Recognises what docker-init leaves behind; undefined when the command did run. */
export function startFailureOf(
  exitCode: number,
  stderr: string,
  command: string,
): StartFailure | undefined {
  if (exitCode !== 126 && exitCode !== 127) return undefined;
  const [, name, reason] = INIT_COMPLAINT.exec(stderr) ?? [];
  if (name !== command || reason === undefined) return undefined;
  return startFailure(command, reason);
}

/** Recognises the daemon's refusal to start a container without docker-init. */
export function startFailureFrom(refusal: string, command: string): StartFailure | undefined {
  if (/executable file not found/i.test(refusal)) return startFailure(command, "no such file");
  if (/no such file or directory/i.test(refusal) && refusal.includes("exec")) {
    return startFailure(command, "no such file");
  }
  if (/permission denied/i.test(refusal)) return startFailure(command, "permission denied");
  return undefined;
}

function startFailure(command: string, reason: string): StartFailure {
  const missing = /no such file/i.test(reason);
  const isPath = command.includes("/");
  const words = missing
    ? isPath
      ? `fork/exec ${command}: no such file or directory`
      : `exec: "${command}": executable file not found in $PATH`
    : `fork/exec ${command}: ${reason.trim().toLowerCase()}`;
  return { exitCode: 1, stderr: `${words}\n` };
}
