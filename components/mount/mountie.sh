#!/bin/sh
# mountie [-label NAME | -uuid UUID | -device DEVICE] [-options OPTIONS] [DEVICE] DIRECTORY
set -eu

label='' uuid='' device='' options='' directory=''
fail() {
  echo "mount: $*" >&2
  exit 1
}
while [ $# -gt 0 ]; do
  case $1 in
    -label | --label) label=${2?needs a name} && shift ;;
    -uuid | --uuid) uuid=${2?needs a UUID} && shift ;;
    -device | --device) device=${2?needs a device} && shift ;;
    -options | --options) options=${2?needs options} && shift ;;
    -*) fail "no option $1" ;;
    *)
      if [ -n "$directory" ]; then device=$directory; fi
      directory=$1
      ;;
  esac
  shift
done
[ -n "$directory" ] || fail 'where to?'

# All there is that has a file system, disks and partitions, in the order of their names.
candidates() {
  for block in /sys/class/block/*; do
    case ${block##*/} in
      ram* | zram* | sr* | fd*) continue ;;
    esac
    [ "$(blkid -p -o value -s USAGE "/dev/${block##*/}" 2>/dev/null)" != filesystem ] ||
      echo "/dev/${block##*/}"
  done
}

find_device() {
  if [ -n "$device" ]; then
    [ ! -b "$device" ] || echo "$device"
    return
  fi
  for each in $(candidates); do
    if [ -n "$label" ]; then
      [ "$(blkid -p -o value -s LABEL "$each")" = "$label" ] || continue
    elif [ -n "$uuid" ]; then
      [ "$(blkid -p -o value -s UUID "$each")" = "$uuid" ] || continue
    elif grep -q "^$each " /proc/mounts; then
      continue
    fi
    echo "$each"
    return
  done
}

# A disk may need a moment to appear.
waited=0
until found=$(find_device) && [ -n "$found" ]; do
  [ "$waited" -lt 20 ] ||
    fail "nothing to mount${device:+: no $device}${label:+ with the label $label}${uuid:+ with the UUID $uuid}; there are:" $(candidates)
  waited=$((waited + 1))
  sleep 0.5
done
type=$(blkid -p -o value -s TYPE "$found") || fail "$found has no file system"
# Whoever mounts FAT asks the kernel for these, too, which would ask modprobe on the machine.
case $type in
  vfat) modprobe -abq vfat nls_cp437 nls_ascii || : ;;
  *) modprobe -bq "$type" || : ;;
esac
mkdir -p "$directory"
mount -t "$type" ${options:+-o "$options"} "$found" "$directory"
echo "$found ($type) is at $directory"
