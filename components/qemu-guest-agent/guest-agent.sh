#!/bin/sh
# Without udev nobody links ports by their names.
for port in /sys/class/virtio-ports/*; do
  if [ "$(cat "$port/name" 2>/dev/null)" = org.qemu.guest_agent.0 ]; then
    exec qemu-ga --method virtio-serial --path "/dev/${port##*/}" --statedir /run
  fi
done
echo 'this machine has no port org.qemu.guest_agent.0' >&2
exit 1
