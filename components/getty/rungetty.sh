#!/bin/sh
# A login on each line that is named (NAME or NAME,SPEED), or else on each console= of the kernel command line.
set -eu

locked='root:*:::::::'
if [ -s /hostroot/etc/getty.shadow ]; then
  (umask 077 && cat /hostroot/etc/getty.shadow && echo) >/run/shadow
else
  echo "$locked" >/run/shadow
  [ "${INSECURE:-}" = true ] || echo 'getty: there is no /etc/getty.shadow: nobody can log in' >&2
fi
chmod 600 /run/shadow

program='-l /usr/bin/login'
[ "${INSECURE:-}" != true ] || program='-n -l /usr/bin/login-root'

serve() {
  name=${1%%,*}
  speed=${1#*,}
  [ "$speed" != "$1" ] || speed=115200
  # 115200n8 is the kernel's way to say it.
  speed=${speed%%[!0-9]*}
  term=vt100
  case $name in tty[0-9]*) term=linux ;; esac
  while :; do
    # shellcheck disable=SC2086  # Options, each a word.
    [ ! -c "/dev/$name" ] || getty -L $program "${speed:-115200}" "$name" "$term" || :
    # A line that has hung up, or is to come.
    sleep 1
  done
}

[ $# -gt 0 ] || set -- $(tr ' ' '\n' </proc/cmdline | sed -n 's/^console=\(tty\|hvc\)/\1/p' | sort -u)
for line; do
  echo "getty: a login on ${line%%,*}"
  serve "$line" &
done
wait
