# shellcheck shell=bash
# What scripts/run, scripts/test, scripts/build and their like share: where things are, how they
# speak, and stamps. Sourced, never run. Callers have set -euo pipefail.
#
# A stamp is a file that holds the hash of what a step read when it last succeeded; the step is
# skipped while that hash is the same. Hashes are over contents, so a fresh checkout of equal files
# or a touched file costs nothing.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
BUILD="$ROOT/build"
TOOLS="$BUILD/tools"
STAMPS="$BUILD/stamps"
mkdir -p "$STAMPS"

# Node from the checkout's own tools, where scripts/setup had to put one there.
if [[ -x "$TOOLS/node_modules/.bin/node" ]]; then
  export PATH="$TOOLS/node_modules/.bin:$PATH"
fi
# emcc looks for Debian's acorn, which only Debian's own node finds by itself.
export NODE_PATH=/usr/share/nodejs
export npm_config_fund=false npm_config_audit=false npm_config_update_notifier=false
# One compiler cache for all checkouts of this user, wherever they lie.
export CCACHE_BASEDIR="$ROOT" CCACHE_NOHASHDIR=1
export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime

say() { printf '==> %s\n' "$*" >&2; }
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# hash_of PATH…: one hash over the names and contents of all files below, build products left out.
hash_of() {
  (
    cd "$ROOT" || exit 1
    find "$@" \( -name node_modules -o -name dist -o -name dev-dist -o -name .vite \) -prune \
      -o -type f -print0 2>/dev/null | sort -z | xargs -0r sha256sum | sha256sum | cut -c1-64
  )
}

stamp_is() { [[ -f "$STAMPS/$1" && $(<"$STAMPS/$1") == "$2" ]]; }
set_stamp() { printf '%s' "$2" >"$STAMPS/$1"; }

# quietly LOG COMMAND…: runs it with its output in build/logs/LOG; shows the end of it on failure.
quietly() {
  local log="$BUILD/logs/$1.log"
  shift
  mkdir -p "$BUILD/logs"
  if ! "$@" >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    die "failed: $* (the whole output is in ${log#"$ROOT"/})"
  fi
}

# slowly MESSAGE LOG COMMAND…: quietly, but says MESSAGE when it is still at it after a second.
slowly() {
  local message=$1 announcer
  shift
  (sleep 1 && say "$message") &
  announcer=$!
  quietly "$@"
  kill "$announcer" 2>/dev/null || true
  wait "$announcer" 2>/dev/null || true
}

# node_suffices: whether the node and npm on PATH can build the web app.
node_suffices() {
  command -v npm >/dev/null && command -v node >/dev/null &&
    node -e 'const [a, b] = process.versions.node.split(".").map(Number);
             process.exit(a > 22 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1)'
}
