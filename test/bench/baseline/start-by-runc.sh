# Behind rc.sh: all containers by runc.
start() {
	cd "/bundles/$1" || return
	read -r lower <lower
	mount -t overlay -o "lowerdir=$lower,upperdir=upper,workdir=work" overlay rootfs
	# --no-pivot: the initramfs itself is the root, and cannot be pivoted away from.
	exec runc run --detach --no-pivot "$1" </dev/null >"/run/$1.log" 2>&1
}
# As many at once as our PID 1 does: twice the number of processors.
set -- /sys/devices/system/cpu/cpu[0-9]*
free=$((2 * $#))
mark services
for bundle in /bundles/*; do
	if [ "$free" -gt 0 ]; then free=$((free - 1)); else wait -n; fi
	start "${bundle##*/}" &
done
wait
mark running
