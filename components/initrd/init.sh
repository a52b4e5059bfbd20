#!/bin/sh
# The first program of a machine whose root is a file system on a disk. Loads drivers until a disk, or a partition, begins as that
# file system does, and goes on with /init there. Never takes another one: a machine must not run what it was not built with.
set -u
PATH=/usr/bin:/usr/sbin

mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev

# To every console, however quiet the kernel is told to be; without anybody to help, the kernel does what panic= says.
fail() {
  echo "<2>ishmael: $*" >/dev/kmsg
  sleep 1
  exit 1
}

# type, head (SHA-256 of its first 64 KiB), modules, and of a verified root blocks, salt and roothash.
. /etc/root

# shellcheck disable=SC2086 # words
[ -z "$modules" ] || modprobe -a $modules

load_drivers() {
  find /sys/devices -name modalias -exec cat {} + 2>/dev/null | sort -u | xargs modprobe -qa 2>/dev/null
}

# Disks and partitions by the kernel's name, where a slash is written as an exclamation mark.
disks() {
  for path in /sys/class/block/*; do
    name=${path##*/}
    case $name in
      '*' | dm-* | fd* | loop* | ram* | zram*) ;;
      *) echo "$name" ;;
    esac
  done
}

find_root() {
  for name in $(disks); do
    device=/dev/$(echo "$name" | sed 's,!,/,g')
    [ "$(head -c 65536 "$device" 2>/dev/null | sha256sum)" = "$head  -" ] && return 0
  done
  return 1
}

found() {
  for name in $(disks); do
    echo "$name ($(($(cat "/sys/class/block/$name/size") / 2048)) MiB)"
  done
}

# A disk behind USB, or a controller that is slow.
PATIENCE=20
uptime() { sed 's/[. ].*//' /proc/uptime; }
begun=$(uptime)
until load_drivers; find_root; do
  [ $(($(uptime) - begun)) -lt $PATIENCE ] || fail "no disk has the $type root of this machine; found: $(found | sed ':a;N;$!ba;s/\n/, /g')"
  sleep 0.2
done

if [ -n "${blocks:-}" ]; then
  # In a unified kernel image it is on the command line too, for all to see.
  said=$(sed -n 's/^\(.* \)\?roothash=\([0-9a-f]*\).*$/\2/p' /proc/cmdline)
  [ "${said:-$roothash}" = "$roothash" ] || fail "the command line wants the root $said, and this initrd has $roothash"
  # A byte that is not what was built is a panic: what was read before it may be running already.
  table="0 $((blocks * 8)) verity 1 $device $device 4096 4096 $blocks $blocks sha256 $roothash $salt 1 panic_on_corruption"
  dmsetup create root --readonly --noudevrules --noudevsync --table "$table" ||
    fail "the root on $device is not the one with the hash $roothash"
  # All of it, so that what is never read later does not pass for good.
  device=/dev/dm-0
  cat "$device" >/dev/null || fail 'the root cannot be read'
fi

# shellcheck disable=SC2154 # from /etc/root
mount -t "$type" -o ro "$device" /root || fail "the root on $device cannot be mounted"
umount /proc /sys
umount -l /dev
exec switch_root /root /init
