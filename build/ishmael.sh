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
exec "$node" "$root/build/main.ts" "$@"
