import { dag, type Directory } from "@dagger.io/dagger";
import { BUSYBOX_IMAGE } from "../verify/supervise/dagger-stage.ts";
import { HOME, scripts } from "../verify/supervise/scripts.ts";

/** Exit code of a step that was stopped, as `timeout` has it. */
export const TIMED_OUT = 124;

/**
 * Runs a program for a limited time: TERM at its end, KILL ten seconds later. Dagger has no limit
 * for a command, and one that were only given up here would go on changing things. The shell stays
 * the first process of the container: that one can't be ended from within. All output is in one
 * stream, in its order.
 */
const limited = `# limited SECONDS PROGRAM [ARGUMENT...]
busybox=${HOME}/busybox
limit=$1
shift
$busybox sh ${HOME}/start "$@" </dev/null 2>&1 &
child=$!
timed=
trap 'timed=1; kill -TERM $child; { $busybox sleep 10; kill -KILL $child; } >/dev/null 2>&1 &' USR1
{ $busybox sleep "$limit"; kill -USR1 $$; } >/dev/null 2>&1 &
timer=$!
while :; do
  wait $child
  code=$?
  kill -0 $child 2>/dev/null || break
done
kill $timer 2>/dev/null
[ -z "$timed" ] || exit ${TIMED_OUT}
exit $code
`;

/** What `limitedCommand` needs, to be mounted at `/.sluice`. */
export function stepTimer(): Directory {
  return dag
    .directory()
    .withFile("busybox", dag.container().from(BUSYBOX_IMAGE).file("/bin/busybox"), {
      permissions: 0o755,
    })
    .withNewFile("start", scripts["start"] ?? "", { permissions: 0o755 })
    .withNewFile("limited", limited, { permissions: 0o755 });
}

/** The arguments that run a command for a limited time. */
export function limitedCommand(command: readonly string[], timeoutMs: number): string[] {
  const seconds = Math.max(1, Math.ceil(timeoutMs / 1000));
  return [`${HOME}/busybox`, "sh", `${HOME}/limited`, String(seconds), ...command];
}

/** Where it is mounted. */
export const STEP_TIMER_PATH = HOME;
