#!/usr/bin/env bash
# The `ishmael` command of a checkout: runs build/main.ts on the pinned Node, from any directory and
# through any link to this file.
set -euo pipefail

root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.." && pwd)
node=$root/node_modules/.bin/node
if [[ ! -x $node ]]; then
  printf 'ishmael: this checkout is not set up yet: run bash %s/build/setup.sh\n' "$root" >&2
  exit 1
fi
# Types are stripped and code is compiled once and not at each start. Set here and not in main.ts, which
# would itself be stripped each time, and loading what does that takes a third of a short command.
export NODE_COMPILE_CACHE=${NODE_COMPILE_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/ishmael/code}
exec "$node" "$root/build/main.ts" "$@"
