/**
 * What runs inside a container under verification, beside its own program: a static busybox, and
 * three scripts for its shell, mounted at `/.sluice`. The image itself needs no shell.
 */

/** Where the busybox and the scripts are mounted. */
export const HOME = "/.sluice";

/** Port of the control channel, unless the container's own ports say otherwise. */
const CONTROL_PORT = 25816;

/** A control port that is none of the container's `own` ports. */
export function controlPort(own: readonly number[]): number {
  let port = CONTROL_PORT;
  while (own.includes(port)) port++;
  return port;
}

/** What tells the end of the program in its output stream, ahead of the exit code and `MARK_END`. */
export function exitMark(token: string): string {
  return `\u001esluice ${token} exit `;
}
/** Ends the mark that `exitMark` begins. */
export const MARK_END = "\u001e";

/**
 * Starts the program as the engine would have: found on PATH, in the same environment.
 * busybox would prefer its own applet to the image's program of that name, so the path is looked
 * up here; its shell adds SHLVL and PWD to the environment, so they are taken out again.
 */
const start = `#!${HOME}/busybox sh
# start PROGRAM [ARGUMENT...]
program=$1
shift
case $program in
*/*) ;;
*)
  IFS=:
  set -f
  for folder in \${PATH-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}; do
    if [ -f "\${folder:-.}/$program" ] && [ -x "\${folder:-.}/$program" ]; then
      found=\${folder:-.}/$program
      break
    fi
  done
  if [ -z "$found" ]; then
    echo "$program: not found in PATH ($PATH)" >&2
    exit 127
  fi
  program=$found
  ;;
esac
exec ${HOME}/busybox env -u SHLVL -u PWD -u OLDPWD "$program" "$@"
`;

/**
 * Runs the program with its output in a fifo, which the control channel hands out; then says how
 * it ended and stays, so that the last output can be read. Nothing is stored in the container: a
 * program that floods its log waits for the reader. The fifo is open to all, because images
 * reopen /dev/stdout under another user. TERM is not trapped: it ends the container at once.
 */
const supervise = `# supervise NAME TOKEN PORT PROGRAM [ARGUMENT...]
# The name is for people who look at the engine's progress or at the processes.
busybox=${HOME}/busybox
token=$2 port=$3
shift 3
for folder in ${HOME}/run /dev/shm /tmp; do
  output=$folder/sluice-output
  $busybox mkfifo -m 666 "$output" 2>/dev/null && break
done
exec 3<>"$output" || exit 125
$busybox nc -ll -p "$port" -e $busybox sh ${HOME}/control "$token" "$output" 3>&- &
$busybox sh ${HOME}/start "$@" </dev/null >&3 2>&1 3>&-
$busybox printf '\\036sluice %s exit %s\\036' "$token" "$?" >&3
exec $busybox sleep 2147483647
`;

/**
 * Answers one connection of the control channel: the token, then one line that says what is asked.
 * `follow` says with one byte that it was understood, before anything else.
 * `run` reads its arguments one a line, escaped for printf's %b, up to an empty line.
 */
const control = `# control TOKEN OUTPUT
busybox=${HOME}/busybox
IFS= read -r line && [ "$line" = "$1" ] || exit 1
read -r question
case $question in
follow)
  $busybox printf '\\036'
  exec $busybox cat "$2"
  ;;
sockets)
  exec $busybox cat /proc/net/tcp /proc/net/tcp6 2>/dev/null
  ;;
run)
  set --
  while IFS= read -r line && [ -n "$line" ]; do
    argument=$($busybox printf '%b.' "$line")
    set -- "$@" "\${argument%.}"
  done
  $busybox sh ${HOME}/start "$@" </dev/null 2>&1
  $busybox printf '\\036%s' "$?"
  ;;
esac
`;

/** The scripts by file name. */
export const scripts: Readonly<Record<string, string>> = { start, supervise, control };

/** Arguments that run `program` under supervision. */
export function supervised(
  name: string,
  token: string,
  port: number,
  program: readonly string[],
): string[] {
  return [`${HOME}/busybox`, "sh", `${HOME}/supervise`, name, token, String(port), ...program];
}
