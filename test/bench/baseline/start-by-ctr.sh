# Behind rc.sh: containerd, and when it is there one container after another by its own tool, as LinuxKit's `service` does it.
mark services
containerd --config /etc/containerd.toml >/run/containerd.log 2>&1 &
until [ -S /run/containerd/containerd.sock ]; do usleep 20000; done
for bundle in /bundles/*; do
	name=${bundle##*/}
	cd "$bundle" || continue
	read -r lower <lower
	mount -t overlay -o "lowerdir=$lower,upperdir=upper,workdir=work" overlay rootfs
	ctr --namespace services.linuxkit run --detach --no-pivot --log-uri "file:///run/$name.log" --config config.json "$name"
done
mark running
