#!/bin/sh
# crypto [-k KEYFILE] NAME DEVICE
set -eu

key=/etc/dm-crypt/key name='' device=''
fail() {
  echo "dm-crypt: $*" >&2
  exit 1
}
while [ $# -gt 0 ]; do
  case $1 in
    -k | --key) key=${2?needs a file} && shift ;;
    # What LinuxKit says for LUKS, which is all there is here.
    -l | --luks) ;;
    -*) fail "no option $1" ;;
    *)
      if [ -n "$name" ]; then device=$1; else name=$1; fi
      ;;
  esac
  shift
done
[ -n "$device" ] || fail 'which name, and which device?'
[ -s "$key" ] || fail "no key at $key"
waited=0
until [ -b "$device" ]; do
  [ "$waited" -lt 20 ] || fail "no device $device"
  waited=$((waited + 1))
  sleep 0.5
done

# A kernel that has them built in knows nothing of them here.
modprobe -abq dm-crypt xts algif_skcipher 2>/dev/null || :
# No signature that blkid knows (2; with 8 it knows more than one), and a MiB of zeros where somebody would have begun to write.
blank() {
  known=0
  blkid -p "$1" >/dev/null 2>&1 || known=$?
  [ "$known" = 2 ] && [ "$(head -c 1048576 "$1" | tr -dc '\000' | wc -c)" = 1048576 ]
}
if blank "$device"; then
  echo "$device is blank and becomes LUKS2"
  # The key is random and not a word that a person remembers: nothing is gained by making it slow to try.
  cryptsetup luksFormat --batch-mode --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 \
    --key-file "$key" "$device"
elif [ "$(blkid -p -o value -s TYPE "$device" || :)" != crypto_LUKS ]; then
  fail "$device has something on it that is not LUKS"
fi
# The kernel's keyring is nothing that a container may use; the key goes to the device mapper itself.
cryptsetup open --type luks --disable-keyring --key-file "$key" "$device" "$name"
echo "$device is open as /dev/mapper/$name"
