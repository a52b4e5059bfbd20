#!/bin/sh
# swap --path FILE --size N[K|M|G]
set -eu

path='' size=''
fail() {
  echo "swap: $*" >&2
  exit 1
}
while [ $# -gt 0 ]; do
  case $1 in
    --path | --file) path=${2?needs a file} && shift ;;
    --size) size=${2?needs a size} && shift ;;
    --encrypt) fail '--encrypt: put the file on a disk that ishmael/dm-crypt has opened' ;;
    *) fail "no option $1" ;;
  esac
  shift
done
[ -n "$path" ] || fail '--path FILE is missing'
case $size in
  *[0-9]K) kib=${size%K} ;;
  *[0-9]M) kib=$((${size%M} * 1024)) ;;
  *[0-9]G) kib=$((${size%G} * 1048576)) ;;
  *) fail '--size wants a number with K, M or G' ;;
esac

if [ -e "$path" ]; then
  echo "$path is there from before, with $(stat -c %s "$path") bytes"
else
  # Whole or not at all: the machine may lose its power now.
  rm -f "$path.new"
  fallocate -l "$((kib * 1024))" "$path.new" 2>/dev/null ||
    dd if=/dev/zero of="$path.new" bs=1024 count="$kib" 2>/dev/null ||
    fail "no room for $size at $path"
  chmod 600 "$path.new"
  mkswap "$path.new"
  mv "$path.new" "$path"
fi
swapon "$path"
echo "$path is used"
