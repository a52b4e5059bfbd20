#!/bin/sh
# loopy [--create] [--size MIB] [--dev DEVICE] FILE
set -eu

create=no size=10 device='' file=''
fail() {
  echo "losetup: $*" >&2
  exit 1
}
while [ $# -gt 0 ]; do
  case $1 in
    -c | --create) create=yes ;;
    -s | --size) size=${2?needs a number of MiB} && shift ;;
    -d | --dev) device=${2?needs a device} && shift ;;
    -*) fail "no option $1" ;;
    *) file=$1 ;;
  esac
  shift
done
[ -n "$file" ] || fail 'of which file?'
if [ ! -f "$file" ]; then
  [ "$create" = yes ] || fail "no file $file, and --create is not given"
  truncate -s "${size}M" "$file"
fi
modprobe -bq loop || :
[ -n "$device" ] || device=$(losetup -f)
losetup "$device" "$file"
echo "$file is $device"
