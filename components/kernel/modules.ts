/** What a machine of ours needs as modules of any Debian kernel; what they depend on comes by itself. */
export const MACHINE_MODULES: readonly string[] = [
  // The machine: network, disks, entropy, memory given back to the host, the power button.
  'virtio_net',
  'virtio_blk',
  'virtio_scsi',
  'virtio-rng',
  'virtio_balloon',
  'virtio_mmio',
  'button',
  'evdev',
  'qemu_fw_cfg',
  // Disks behind virtio_scsi. No SATA: every q35 machine has a controller, so its driver would be loaded
  // everywhere, and probing six empty ports took 0.3 s of an emulated boot that reads no disk.
  'sd_mod',
  // Containers and their networks.
  'overlay',
  'veth',
  'bridge',
  'wireguard',
  // A firewall with nftables (it loads the rest), see components/nftables/firewall.sh.
  'nf_tables',
  'nft_ct',
  'nft_log',
  'nft_limit',
  'nft_reject_inet',
  'nft_nat',
  'nft_masq',
  'nft_redir',
  'nft_chain_nat',
  'nft_fib_inet',
  'nft_numgen',
  'nft_hash',
  // Docker's rules, which it writes as iptables, and the networks of a swarm, see components/docker/run-docker.sh.
  'br_netfilter',
  'nft_compat',
  'nf_conntrack_netlink',
  'xt_addrtype',
  'xt_comment',
  'xt_conntrack',
  'xt_mark',
  'xt_MASQUERADE',
  'xt_multiport',
  'xt_nat',
  'xt_REDIRECT',
  'xt_tcpudp',
  'ipt_REJECT',
  'ip_vs',
  'ip_vs_rr',
  'xt_ipvs',
  'vxlan',
  // Filesystems of images and of install media.
  'squashfs',
  'erofs',
  'loop',
  'isofs',
  'vfat',
  'nls_ascii',
  'nls_cp437',
  'nls_iso8859-1',
  'nls_utf8',
  'dm-mod',
  'dm-verity',
  // An encrypted disk: the cipher that LUKS2 takes, and cryptsetup's way to the kernel's ciphers.
  'dm-crypt',
  'xts',
  'algif_skcipher',
  // What the kernel offers under /sys and /proc when asked to mount it.
  'configfs',
  'efivarfs',
  'binfmt_misc',
  // Host and guest talking without a network.
  'vmw_vsock_virtio_transport',
  // A machine that hangs is reset from outside; without hardware, by a timer.
  'softdog',
  // Where a kernel that crashes can leave its last words; ACPI's ERST is built in.
  'efi-pstore',
  'ramoops',
];

/** A watchdog that only one architecture's machines have. */
export const MACHINE_MODULES_OF = { amd64: ['i6300esb'] } as const;
