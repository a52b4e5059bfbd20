import type { Addition } from '../../build/component/recipe.ts';

/**
 * The names busybox answers to, as its `--list` says for Debian's build; without those that would
 * pretend to be a package manager or an init.
 */
export const APPLETS: readonly string[] = `
[ [[ acpid adjtimex ar arch arp arping ascii ash awk base64 basename bc blkdiscard blkid blockdev 
brctl bunzip2 bzcat bzip2 cal cat chgrp chmod chown chroot chvt clear cmp cp cpio crc32 crond 
crontab cttyhack cut date dc dd deallocvt depmod devmem df diff dirname dmesg dnsdomainname 
dos2unix du dumpkmap dumpleases echo ed egrep env expand expr factor fallocate false fatattr 
fdisk fgrep find findfs fold free freeramdisk fsfreeze fstrim ftpget ftpput getfattr getopt getty 
grep groups gunzip gzip halt head hexdump hostid hostname httpd hwclock i2cdetect i2cdump i2cget 
i2cset i2ctransfer id ifconfig ifdown ifup insmod install ionice ip ipcalc kill killall klogd 
last less link linux32 linux64 ln loadfont loadkmap logger login logname logread losetup ls lsmod 
lsscsi lzcat lzma lzop md5sum mdev microcom mim mkdir mkdosfs mke2fs mkfifo mknod mkpasswd mkswap 
mktemp modinfo modprobe more mount mt mv nameif nbd-client nc netstat nl nologin nproc nsenter 
nslookup nuke od openvt partprobe passwd paste patch pidof ping ping6 pivot_root poweroff printf 
ps pwd rdate readlink realpath reboot renice reset resume rev rm rmdir rmmod route run-parts sed 
seq setkeycodes setpriv setsid sh sha1sum sha256sum sha3sum sha512sum shred shuf sleep sort 
ssl_client start-stop-daemon stat strings stty su sulogin svc svok swapoff swapon switch_root 
sync sysctl syslogd tac tail tar taskset tc tee telnet test tftp time timeout top touch tr 
traceroute traceroute6 true truncate ts tty tunctl ubirename udhcpc udhcpc6 udhcpd uevent umount 
uname uncompress unexpand uniq unix2dos unlink unlzma unshare unxz unzip uptime usleep uudecode 
uuencode vconfig vi w watch watchdog wc wget which who whoami xargs xxd xz xzcat yes zcat 
`
  .trim()
  .split(/\s+/u);

/** The links that give busybox these names; it has to be in the image as `usr/bin/busybox`. */
export function appletLinks(names: readonly string[] = APPLETS): readonly Addition[] {
  return names.map((name) => ({ type: 'symlink', path: `usr/bin/${name}`, target: 'busybox' }));
}
