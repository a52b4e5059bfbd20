#!/bin/sh
# Registers each emulator with the kernel, see Documentation/admin-guide/binfmt-misc.rst. Debian's lines have the
# flag F: the kernel opens the emulator now, and not in the root of whoever starts a program.
set -u
table=/fs/binfmt_misc
# PID 1 has mounted it where the kernel has it built in; few machines need it, so none loads the module at its boot.
if [ ! -e "$table/register" ]; then
  modprobe -bq binfmt_misc 2>/dev/null
  mount -t binfmt_misc -o nosuid,nodev,noexec binfmt_misc "$table" || exit
fi
end=0
for file in /usr/share/qemu/binfmt.d/*.conf; do
  line=$(cat "$file")
  name=${line#:}
  name=${name%%:*}
  if [ -e "$table/$name" ]; then
    echo "$name: is registered already"
  elif printf '%s' "$line" >"$table/register"; then
    echo "$name: registered"
  else
    echo "$name: the kernel refuses it" >&2
    end=1
  fi
done
exit "$end"
