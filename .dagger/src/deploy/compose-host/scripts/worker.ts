/**
 * Deploys, and ends in a sound state whatever happens: the connection may go, and it is asked to
 * stop between two steps. Everything it says goes to the log; how it ended, to `result.json`.
 *
 * A release is a folder that never changes once it is there. `release` points to the one that is to
 * run, `proven` to the last one that ran well, `previous` to the one that ran well before.
 */
export const worker = `# Run with the folder that was unpacked.
input=$1
. "$input/library"
trap '' HUP PIPE
step=check outcome=failed blocked=none restored=untouched maintenance=off
locked='' made='' started='' next=$state/releases/$run
umask 022

result() {
  printf '{"run":"%s","outcome":"%s","step":"%s","blocked":"%s","restored":"%s","maintenance":"%s"}\\n' \\
    "$run" "$outcome" "$step" "$blocked" "$restored" "$maintenance"
}

# point NAME RELEASE: in one step, there is no moment without a pointer.
point() {
  ln -s "releases/$(basename "$2")" "$state/$1.$run" && mv -T "$state/$1.$run" "$state/$1"
}

enter() {
  step=$1
  echo "== $step"
}

maintain() {
  # The commands don't get the lock: what they leave running must not keep it.
  (cd "$home" && with "maintenance-$1" 9>&-)
}

# watched: whether those that run now go on without a restart, and none turns unhealthy.
watched() {
  ids=$(containers)
  format='{{.Name}} {{.State.Status}} {{.RestartCount}} {{if .State.Health}}{{.State.Health.Status}}{{end}}'
  [ -n "$ids" ] || return 0
  # shellcheck disable=SC2086 # ids are words
  first=$(docker inspect --format "$format" $ids)
  left=$(value watch)
  while [ "$left" -gt 0 ]; do
    sleep 1
    left=$((left - 1))
    # shellcheck disable=SC2086
    now=$(docker inspect --format "$format" $ids 2>&1)
    if [ "$now" != "$first" ]; then
      printf 'it did not stay as it was. At first:\\n%s\\nand then:\\n%s\\n' "$first" "$now"
      return 1
    fi
  done
}

# verified RELEASE: whether each of its services runs, from the very image.
verified() {
  while read -r service digest; do
    ids=$(compose "$1" ps --quiet "$service")
    if [ -z "$ids" ]; then
      echo "$service does not run"
      return 1
    fi
    for id in $ids; do
      image=$(docker inspect --format '{{.Image}}' "$id")
      if ! docker image inspect --format '{{join .RepoDigests "\\n"}}' "$image" | grep -q -F "@$digest"; then
        echo "$service runs $(docker inspect --format '{{.Config.Image}}' "$id"), expected $digest"
        return 1
      fi
    done
  done <"$1/wanted"
}

# up RELEASE: starts it, and sees that it stays up.
up() {
  enter up
  compose "$1" up --detach --wait --wait-timeout "$timeout" --remove-orphans --quiet-pull || return 1
  enter watch
  watched || return 1
  enter verify
  verified "$1"
}

restore() {
  echo "== containers at the failure"
  compose "$next" ps --all 2>&1
  compose "$next" logs --no-color --tail 200 2>&1
  failed=$step
  if [ -z "$proven" ]; then
    echo "== nothing ran well before: what was started is stopped"
    if compose "$next" down --remove-orphans; then restored=stopped; else restored=failed; fi
    rm -f "$state/release"
  elif [ "$proven" = "$next" ]; then
    restored=same
  else
    echo "== back to $(grep ^SLUICE_COMMIT= "$proven/.env")"
    if point release "$proven" && up "$proven"; then restored=previous; else restored=failed; fi
  fi
  step=$failed
}

settle() {
  trap '' EXIT TERM INT
  exec 2>&1
  [ "$outcome" != failed ] || [ -z "$started" ] || restore
  if [ -e "$state/maintenance" ] && [ -n "$locked" ]; then
    echo "== maintenance off"
    if maintain off; then rm -f "$state/maintenance"; else maintenance=stuck; fi
  fi
  result >"$input/result.json"
  if [ -n "$locked" ]; then
    rm -f "$state/holder"
    [ "$outcome" != failed ] || [ -z "$made" ] || rm -rf "$next"
    rm -rf "$state/releases"/*.part
    tail -c 100000 "$input/log" >"$state/log"
    result >"$state/result.part" && mv "$state/result.part" "$state/result.json"
  fi
  exit 0
}
trap settle EXIT
# What runs is waited for; then it is settled.
trap 'echo "asked to stop"; exit 143' TERM INT

enter check
suitable || exit 1
blocked=none
mkdir -p "$home" "$state/releases" || exit 1
exec 9>"$state/lock"
tries=3
# One that only looks has the lock for a moment, too.
until flock -n 9; do
  tries=$((tries - 1))
  if [ "$tries" = 0 ]; then
    blocked=busy
    cat "$state/holder"
    exit 1
  fi
  sleep 1
done
locked=yes
# What is left of one that was cut short, if there was one.
proven=$(release_at proven)
rm -rf "$state/releases"/*.part

enter files
printf '%s, since %s\\n' "$(value what)" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" >"$state/holder" || exit 1
# same RELEASE: whether it is what is wanted. A rollback wants what ran with these images, as it was.
same() { [ -n "$1" ] && cmp -s "$input/release/$(value compare)" "$1/$(value compare)"; }
previous=$(release_at previous)
if same "$proven" && [ "$proven" = "$(release_at release)" ]; then
  next=$proven
  started=yes
  up "$proven" || exit 1
  outcome=unchanged
  exit 0
elif [ "$(value kind)" = rollback ] && same "$previous"; then
  next=$previous
else
  made=yes
  cp -R "$input/release" "$next.part" || exit 1
  printf 'SLUICE_DEPLOYED_AT="%s"\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" >>"$next.part/.env" || exit 1
  compose "$next.part" config --quiet || exit 1
  mv "$next.part" "$next" || exit 1
fi

enter pull
pull() {
  if [ -e "$input/login/config.json" ]; then
    own=\${DOCKER_CONFIG:-$HOME/.docker}
    context=$(docker context show) || return 1
    for name in cli-plugins contexts; do
      [ ! -e "$own/$name" ] || ln -s "$own/$name" "$input/login/$name"
    done
    [ -n "\${DOCKER_HOST-}" ] || export DOCKER_CONTEXT="$context"
    export DOCKER_CONFIG="$input/login"
  fi
  with services compose "$next" pull --quiet --policy missing
}
(pull) || exit 1
rm -rf "$input/login"

if [ -e "$input/argv/maintenance-on" ]; then
  enter maintenance
  : >"$state/maintenance" || exit 1
  maintain on || exit 1
fi

if [ -e "$input/argv/migrate" ]; then
  enter migrate
  [ -n "$proven" ] || started=yes
  if [ -e "$input/argv/dependencies" ]; then
    with dependencies compose "$next" up --detach --wait --wait-timeout "$timeout" --no-recreate || exit 1
  fi
  with migrate compose "$next" run --rm --no-deps -T || exit 1
fi

started=yes
point release "$next" || exit 1
up "$next" || exit 1

[ -z "$proven" ] || point previous "$proven"
point proven "$next"
outcome=deployed
[ -L "$home/compose.yaml" ] || ln -s "$state/release/compose.yaml" "$home/compose.yaml"
[ -L "$home/.env" ] || ln -s "$state/release/.env" "$home/.env"
[ -z "$proven" ] || [ -L "$home/compose.previous.yaml" ] ||
  ln -s "$state/previous/compose.yaml" "$home/compose.previous.yaml"
[ -z "$proven" ] || [ -L "$home/.env.previous" ] ||
  ln -s "$state/previous/.env" "$home/.env.previous"
for old in "$state/releases"/*; do
  [ "$old" = "$next" ] || [ "$old" = "$proven" ] || rm -rf "$old"
done
`;

/** Starts the worker apart from the connection, waits for it, and hands out what it says. */
export const deploy = `# Run with the folder that was unpacked.
input=$1
. "$input/library"
sh "$input/worker" "$input" </dev/null >"$input/log" 2>&1 &
worker=$!
# A signal ends the waiting, not the worker.
while kill -0 "$worker" 2>/dev/null; do wait "$worker"; done
section log
tail -c 100000 "$input/log"
section result
cat "$input/result.json"
`;
