#!/bin/sh
# A key of its own the first time.
set -eu
mkdir -p /run/sshd
[ -s /var/lib/sshd/ssh_host_ed25519_key ] ||
  ssh-keygen -q -t ed25519 -N '' -C '' -f /var/lib/sshd/ssh_host_ed25519_key
exec /usr/sbin/sshd -D -e "$@"
