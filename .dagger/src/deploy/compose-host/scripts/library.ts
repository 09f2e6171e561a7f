/**
 * What all scripts on the host have in common. They are for any POSIX shell; values come from
 * files below `$input`, and none is ever part of a command.
 */
export const library = `# Sourced with $input set to the folder that was unpacked.
value() { cat "$input/value/$1"; }

root=$(value root)
home=$(value home)
state=$root/.sluice/$(value place)
run=$(value run)
project=$(value project)
timeout=$(value timeout)

# with NAME COMMAND...: runs the command with the arguments of that name after its own.
with() {
  for file in "$input/argv/$1"/*; do
    [ -e "$file" ] || continue
    # A dot at the end keeps the newlines before it.
    argument=$(cat "$file" && echo .)
    set -- "$@" "\${argument%.}"
  done
  shift
  "$@"
}

# compose RELEASE ARGUMENT...: host.env is the host's own, and never written here.
compose() {
  release=$1
  shift
  files=$release/compose.yaml
  for file in "$release"/overlay-*.yaml; do
    [ ! -e "$file" ] || files=$files:$file
  done
  set -- --env-file "$release/.env" "$@"
  [ ! -e "$home/host.env" ] || set -- --env-file "$home/host.env" "$@"
  set -- --project-name "$project" --project-directory "$home" "$@"
  COMPOSE_FILE=$files docker compose --ansi never --progress plain "$@" </dev/null
}

# release_at NAME: folder of the release that a pointer names; nothing without one.
release_at() {
  [ ! -e "$state/$1" ] || (cd -P "$state/$1" && pwd)
}

containers() {
  docker ps --quiet --no-trunc --filter status=running \\
    --filter "label=com.docker.compose.project=$project" \\
    --filter label=com.docker.compose.oneoff=False
}

# A line for each running container: service, image that it was asked for, digests of the image.
running() {
  for id in $(containers); do
    image=$(docker inspect --format '{{.Image}}' "$id") || continue
    docker inspect --format \\
      '{{index .Config.Labels "com.docker.compose.service"}} {{.Config.Image}}' "$id" | tr '\\n' ' '
    docker image inspect --format '{{join .RepoDigests " "}}' "$image"
  done
}

# section NAME: what follows belongs to it. The mark is the run's, so that no log has it.
section() { printf '\\n==== sluice %s %s\\n' "$run" "$1"; }

# Changes nothing. Says what stands in the way, by its word in $blocked, and fails.
suitable() {
  blocked=docker
  command -v docker >/dev/null || return 1
  blocked=flock
  command -v flock >/dev/null || return 1
  blocked=daemon
  docker version --format '{{.Server.Version}}' || return 1
  blocked=compose
  version=$(docker compose version --short) || return 1
  echo "docker compose $version"
  case \${version#v} in
  [01].* | 2.[0-9] | 2.[0-9].* | 2.1[0-9].* | 2.2[0-3].*) return 1 ;;
  esac
  blocked=denied
  at=$home
  while [ ! -d "$at" ]; do at=$(dirname "$at"); done
  [ -w "$at" ] || return 1
  [ ! -d "$root/.sluice" ] || [ -w "$root/.sluice" ] || return 1
  blocked=foreign
  for file in "$home/compose.yaml" "$home/.env"; do
    if [ -e "$file" ] && [ ! -L "$file" ]; then
      echo "$file was not written by Sluice"
      return 1
    fi
  done
  blocked=full
  df -Pk "$at" | {
    read -r _
    read -r _ _ _ free _
    echo "$at has $free KiB left"
    [ "$free" -ge 1024 ]
  }
}
`;
