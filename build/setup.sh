#!/usr/bin/env bash
# Brings a Debian machine to the point where everything here runs: the host's packages
# (build/host-packages.txt, and the lists that are named as arguments) and node_modules, which holds the pinned Node. Says what it installs and
# why, and is done at once when nothing is missing. Builds nothing: that is build/main.ts.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
# A user's PATH on Debian has no sbin, where depmod lives.
PATH=$PATH:/usr/sbin:/sbin

say() { printf 'setup: %s\n' "$*" >&2; }
die() {
  say "$@"
  exit 1
}

as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo -- "$@"
  else
    die "cannot run '$*': it needs root, and there is no sudo"
  fi
}

install_host_packages() {
  local command package why
  local -a missing=()
  while read -r command package why; do
    [[ -z $command || $command == '#'* ]] && continue
    # A package without a program is known by a file of it.
    [[ $command == /* && -e $command ]] && continue
    command -v "$command" >/dev/null && continue
    say "installing $package: $why"
    missing+=("$package")
  done < <(cat -- "$@")
  ((${#missing[@]})) || return 0

  command -v apt-get >/dev/null || die "no apt-get here: install these yourself: ${missing[*]}"
  local -a install=(apt-get install --yes --quiet=2 --no-install-recommends "${missing[@]}")
  # Package lists may be absent (a fresh container) or older than the mirror: refresh only then.
  "${install[@]}" --simulate &>/dev/null || as_root apt-get update --quiet=2 >&2 </dev/null
  if ! apt_install "${install[@]}"; then
    say 'trying again with fresh package lists'
    as_root apt-get update --quiet=2 >&2 </dev/null
    apt_install "${install[@]}"
  fi
}

apt_install() { as_root env DEBIAN_FRONTEND=noninteractive "$@" -o Dpkg::Use-Pty=0 >&2 </dev/null; }

install_node_modules() {
  local lock stamp=$root/node_modules/.setup-stamp
  lock=$(sha256sum <"$root/package-lock.json")
  if [[ ! -x $root/node_modules/.bin/node || ! -f $stamp || $(<"$stamp") != "$lock" ]]; then
    command -v npm >/dev/null || die 'no npm here: install Node 20 or newer with npm'
    say 'installing the pinned Node and the build tools: npm ci'
    (cd -- "$root" && npm ci --loglevel=error) >&2 </dev/null
    printf '%s\n' "$lock" >"$stamp"
  fi
  # npx looks here first; through `bin` in package.json it would install the checkout into its cache.
  ln -sfn ../../build/ishmael.sh "$root/node_modules/.bin/ishmael"
}

lists=("$root/build/host-packages.txt")
for list; do
  [[ -f $root/$list ]] || die "there is no list of packages $list"
  lists+=("$root/$list")
done
install_host_packages "${lists[@]}"
install_node_modules
