# Sourced by the scripts beside it: how they speak. Colours on a terminal only, never with NO_COLOR.
# shellcheck shell=bash

bold="" dim="" green="" red="" plain=""
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
  bold=$'\e[1m' dim=$'\e[2m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'
fi

# What begins now.
heading() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
# Something that is as it should be.
good() { printf '%s✓%s %s\n' "$green" "$plain" "$*"; }
# Something aside.
aside() { printf '%s%s%s\n' "$dim" "$*" "$plain"; }
# What went wrong, and what to do about it.
bad() { printf '%s✗%s %s\n' "$red" "$plain" "$*" >&2; }
# Minutes and seconds of a number of seconds.
elapsed() { if [ "$1" -ge 60 ]; then echo "$(($1 / 60)) min $(($1 % 60)) s"; else echo "$1 s"; fi; }
# Whether Debian's packages can be installed here.
can_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }
# install PACKAGE…: Debian packages, quietly; what apt says is shown only when it fails.
install() {
  local log
  log="$(mktemp)"
  # Lists may be missing or old: they are fetched only if the packages can't be had without.
  if ! DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >"$log" 2>&1 &&
    ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -qq --no-install-recommends "$@"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}
