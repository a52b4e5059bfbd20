#!/bin/sh
# extend [DISK]
set -eu

fail() {
  echo "extend: $*" >&2
  exit 1
}

# Less than this (in sectors of 512 bytes) is not worth a change of the partition table: 1 MiB is its alignment.
WORTHWHILE=4096

# The number of the partition that ends last, the sector behind it.
last_partition() {
  end=0 number=''
  for entry in "/sys/block/$1"/*/partition; do
    [ -e "$entry" ] || continue
    folder=${entry%/partition}
    behind=$(($(cat "$folder/start") + $(cat "$folder/size")))
    if [ "$behind" -gt "$end" ]; then end=$behind number=$(cat "$entry"); fi
  done
}

# Who calls it asks how it ends, so "set -e" does not hold in here.
extend() {
  name=${1#/dev/}
  last_partition "$name"
  [ -n "$number" ] || return 1
  case $name in
    *[0-9]) part=/dev/${name}p$number ;;
    *) part=/dev/$name$number ;;
  esac
  type=$(blkid -p -o value -s TYPE "$part" || :)
  case $type in
    ext4 | xfs | btrfs) ;;
    *) return 1 ;;
  esac
  free=$(($(cat "/sys/block/$name/size") - end))
  if [ "$free" -lt "$WORTHWHILE" ]; then
    echo "$part ends where its disk does"
    return 0
  fi
  ! grep -q "^$part " /proc/mounts || fail "$part is mounted"
  echo "$part grows by $((free / 2048)) MiB"
  echo ', +' | sfdisk --quiet --partno "$number" "/dev/$name" || fail "$part cannot grow"
  if [ "$type" = ext4 ]; then
    # 1: errors were there, and have been repaired.
    e2fsck -f -p "$part" || [ $? = 1 ] || fail "$part is damaged"
    resize2fs "$part" || fail "the file system of $part cannot grow"
  else
    grow_mounted "$type" "$part" || fail "the file system of $part cannot grow"
  fi
}

# Who calls it asks how it ends, here too.
grow_mounted() {
  modprobe -bq "$1" || :
  mkdir -p /tmp/extend && mount -t "$1" "$2" /tmp/extend || return 1
  grown=0
  case $1 in
    xfs) xfs_growfs -d /tmp/extend || grown=$? ;;
    btrfs) btrfs filesystem resize max /tmp/extend || grown=$? ;;
  esac
  umount /tmp/extend && [ "$grown" = 0 ]
}

if [ $# -gt 0 ]; then
  [ -b "$1" ] || fail "no disk $1"
  # A link in /dev/disk names it as well.
  extend "$(readlink -f "$1")" || fail "$1 has no partition with ext4, xfs or btrfs at its end"
  exit
fi
found=no
for block in /sys/block/*; do
  case ${block##*/} in
    loop* | ram* | zram* | nbd* | dm-* | md* | sr* | fd*) continue ;;
  esac
  if extend "/dev/${block##*/}"; then found=yes; fi
done
[ "$found" = yes ] || fail 'no disk has a partition with ext4, xfs or btrfs at its end'
