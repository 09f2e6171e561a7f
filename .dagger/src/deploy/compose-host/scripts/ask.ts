/** Answers what stands on the host; changes nothing. */
export const plan = `# Run with the folder that was unpacked.
input=$1
. "$input/library"
section log
if suitable 2>&1; then
  # The lock's file is there after the first deployment.
  if [ -e "$state/lock" ] && ! flock -n "$state/lock" true; then
    blocked=busy
    cat "$state/holder" 2>/dev/null
  else
    blocked=none
  fi
fi
section blocked
echo "$blocked"
section running
[ "$blocked" != none ] || running
`;

/** Says what runs. */
export const running = `# Run with the folder that was unpacked.
input=$1
. "$input/library"
section log
docker version --format '{{.Server.Version}}' 2>&1 || exit 0
section running
running
`;

/** Says what was logged last. */
export const logs = `# Run with the folder that was unpacked.
input=$1
. "$input/library"
section log
release=$(release_at release)
if [ -n "$release" ]; then
  compose "$release" logs --no-color --timestamps --tail 200 2>&1
else
  echo "nothing was deployed to $home"
fi
`;

/** Waits until the host has ended what a run began there, and says how that ended. */
export const attend = `# Run with the folder that was unpacked.
input=$1
. "$input/library"
section log
[ -e "$state/lock" ] || exit 0
patience=$(value patience)
until flock -n "$state/lock" true; do
  patience=$((patience - 1))
  [ "$patience" -gt 0 ] || exit 0
  sleep 1
done
cat "$state/log" 2>/dev/null
section result
cat "$state/result.json" 2>/dev/null
`;
