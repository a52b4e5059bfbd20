#!/bin/sh
# format [-label NAME] [-type ext4|xfs|btrfs|vfat] [-force] [DISK]
set -eu

label='' type=ext4 force=no disk=''
fail() {
  echo "format: $*" >&2
  exit 1
}
while [ $# -gt 0 ]; do
  case $1 in
    -label | --label) label=${2?needs a name} && shift ;;
    -type | --type) type=${2?needs a type} && shift ;;
    -force | --force) force=yes ;;
    -*) fail "no option $1" ;;
    *) disk=$1 ;;
  esac
  shift
done
case $type in
  ext4 | xfs | btrfs | vfat) ;;
  *) fail "cannot make $type, only ext4, xfs, btrfs and vfat" ;;
esac

# Disks of any kind, none of what is made of files, memory or other disks.
disks() {
  for block in /sys/block/*; do
    case ${block##*/} in
      loop* | ram* | zram* | nbd* | dm-* | md* | sr* | fd*) continue ;;
    esac
    [ "$(cat "$block/size")" != 0 ] && [ "$(cat "$block/ro")" = 0 ] && echo "/dev/${block##*/}"
  done
}

part() {
  case $1 in
    *[0-9]) echo "$1p1" ;;
    *) echo "${1}1" ;;
  esac
}

# No signature that blkid knows (2; with 8 it knows more than one), and a MiB of zeros where somebody would have begun to write.
blank() {
  known=0
  blkid -p "$1" >/dev/null 2>&1 || known=$?
  [ "$known" = 2 ] && [ "$(head -c 1048576 "$1" | tr -dc '\000' | wc -c)" = 1048576 ]
}

as_asked() {
  [ -b "$(part "$1")" ] || return 1
  [ "$(blkid -p -o value -s TYPE "$(part "$1")" || :)" = "$type" ] || return 1
  [ -z "$label" ] || [ "$(blkid -p -o value -s LABEL "$(part "$1")" || :)" = "$label" ]
}

done_already() {
  echo "$(part "$1") has the file system that is asked for"
  exit 0
}

if [ -n "$disk" ]; then
  [ -b "$disk" ] || fail "no disk $disk; there are: $(disks | tr '\n' ' ')"
  # By its own name, which those of its partitions are made of: it may have been named by a link in /dev/disk.
  disk=$(readlink -f "$disk")
  if [ "$force" = no ]; then
    if as_asked "$disk"; then done_already "$disk"; fi
    blank "$disk" || fail "$disk has something on it, and -force is not given"
  fi
else
  for each in $(disks); do
    if [ -n "$label" ] && as_asked "$each"; then done_already "$each"; fi
  done
  for each in $(disks); do
    if blank "$each"; then disk=$each && break; fi
  done
  if [ -z "$disk" ]; then
    for each in $(disks); do
      if as_asked "$each"; then done_already "$each"; fi
    done
    fail "no blank disk; there are: $(disks | tr '\n' ' ')"
  fi
fi

echo "making a partition with $type on $disk"
printf 'label: gpt\n,,L\n' | sfdisk --quiet --wipe always --wipe-partitions always "$disk"
device=$(part "$disk")
waited=0
until [ -b "$device" ]; do
  [ "$waited" -lt 100 ] || fail "$device has not appeared"
  waited=$((waited + 1))
  sleep 0.1
done
case $type in
  ext4) mke2fs -q -F -t ext4 ${label:+-L "$label"} "$device" ;;
  xfs) mkfs.xfs -q -f ${label:+-L "$label"} "$device" ;;
  btrfs) mkfs.btrfs -q -f ${label:+-L "$label"} "$device" ;;
  vfat) mkfs.fat ${label:+-n "$label"} "$device" ;;
esac
echo "$device has $type${label:+ with the label $label}"
